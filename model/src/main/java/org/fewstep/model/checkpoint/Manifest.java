package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a checkpoint's folder holds, written last; a folder without it is not a checkpoint.
 *
 * @param format of the folder, {@value #FORMAT} today
 * @param code version of the program that wrote it
 * @param images images seen
 * @param version updates applied
 * @param seconds that the run had trained for, over all its processes
 * @param seed of the run; with {@code images} it is the whole state of all randomness
 * @param optimizerSteps steps the optimiser has taken
 * @param tracks EMA tracks, each in {@code ema-NAME.safetensors}
 * @param unitsAhead units that count although a lower one does not, in ranges: the first unit, the
 *     unit behind the range, and so on; absent when there are none
 * @param earlier versions before this one whose published parameters lie in {@code
 *     earlier-1.safetensors}, the newest, and so on; absent when there are none
 * @param auxiliaryOptimizerSteps steps of the optimiser of a set that is trained in turn with the
 *     model; its files' names begin with {@code auxiliary-}; absent when there is no such set
 * @param dataFingerprint of the images it was trained on
 * @param modelHash of the model
 * @param files every other file in the folder
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Manifest(
    int format,
    String code,
    long images,
    long version,
    double seconds,
    long seed,
    long optimizerSteps,
    List<String> tracks,
    @Nullable List<Long> unitsAhead,
    @Nullable Integer earlier,
    @Nullable Long auxiliaryOptimizerSteps,
    String dataFingerprint,
    String modelHash,
    Map<String, FileEntry> files) {
  /** Number of the present layout. */
  public static final int FORMAT = 1;

  /** Files with parameters of versions before this one. */
  List<String> earlierFiles() {
    return IntStream.rangeClosed(1, earlier == null ? 0 : earlier)
        .mapToObj(Manifest::earlierFile)
        .toList();
  }

  /** The file with the parameters of so many versions before. */
  static String earlierFile(int back) {
    return "earlier-%d.safetensors".formatted(back);
  }

  /** One file. */
  @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
  public record FileEntry(long bytes, String sha256) {}
}
