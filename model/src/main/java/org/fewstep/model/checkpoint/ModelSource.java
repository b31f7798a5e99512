package org.fewstep.model.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import org.fewstep.config.UserException;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.io.Safetensors;
import org.jspecify.annotations.Nullable;

/**
 * A trained model, wherever it lies: a run (its newest checkpoint), a checkpoint or a weights file.
 *
 * @param track of the weights; {@code file} for a weights file given by itself
 * @param images they had seen, 0 if unknown
 * @param version number of updates, 0 if unknown
 */
public record ModelSource(
    Path file, StepModelSpec spec, StepModel model, String track, long images, long version) {
  private static final String FILE_TRACK = "file";

  /**
   * Opens a model.
   *
   * @param track EMA track, or {@value Checkpoint#LIVE}; null for the first EMA track
   * @throws UserException if there is no model, or not this track, or its weights are not those of
   *     its network or not finite
   */
  public static ModelSource open(Path from, @Nullable String track) {
    Found found = find(from, track);
    return weights(found.file, found.track);
  }

  /**
   * The weights file of a model, found as {@link #open} finds it: that of the first EMA track.
   *
   * @throws UserException if there is no model
   */
  static Path file(Path from) {
    return find(from, null).file;
  }

  private record Found(Path file, String track) {}

  private static Found find(Path from, @Nullable String track) {
    if (Files.isRegularFile(from)) {
      if (track != null) {
        throw new UserException(
            "the weights file %s holds one set of weights: leave --track out, or name the run"
                .formatted(from));
      }
      return new Found(from, FILE_TRACK);
    }
    if (Checkpoint.is(from)) {
      return checkpoint(Checkpoint.open(from), track);
    }
    if (RunFolder.is(from)) {
      Path newest =
          RunFolder.open(from)
              .newestCheckpoint()
              .orElseThrow(
                  () -> new UserException("the run in " + from + " has no checkpoint yet"));
      return checkpoint(Checkpoint.open(newest), track);
    }
    throw new UserException(
        Files.exists(from)
            ? from + " is neither a run, nor a checkpoint, nor a weights file"
            : "there is no run, checkpoint or weights file " + from);
  }

  private static Found checkpoint(Checkpoint checkpoint, @Nullable String track) {
    String chosen =
        track != null
            ? track
            : checkpoint.manifest().tracks().stream().findFirst().orElse(Checkpoint.LIVE);
    return new Found(checkpoint.weights(chosen), chosen);
  }

  private static ModelSource weights(Path file, String track) {
    try (Safetensors open = Safetensors.open(file)) {
      StepModelSpec spec = Weights.spec(file, open);
      // Before the network is built, which a header may claim to be of any size.
      float[] flat = Weights.readFinite(file, open, spec.network().parameters());
      StepModel model = spec.create();
      model.network().load(flat);
      return new ModelSource(
          file, spec, model, track, clock(open, "images"), clock(open, "version"));
    }
  }

  private static long clock(Safetensors file, String key) {
    String value = file.metadata().get(key);
    try {
      return value == null ? 0 : Long.parseLong(value);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
