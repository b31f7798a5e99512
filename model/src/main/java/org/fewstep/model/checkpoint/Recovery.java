package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.fewstep.config.UserException;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.optim.Snapshot;

/**
 * Brings the folder of a run that ended at any moment back to what it held at its newest whole
 * checkpoint, so that the run can go on as if it had never been further. Whatever it removes, the
 * resumed run makes again. Being interrupted itself does no harm. The caller holds the {@link
 * RunLock}.
 */
public final class Recovery {
  private static final Set<String> OWN_FILES =
      Set.of("config.conf", "stats.jsonl", "scores.jsonl", RunFolder.SCHEDULES);
  private static final Pattern GRID_NAME =
      Pattern.compile("images-(\\d{9,18})-(?:.+-)?steps-\\d+\\.png");
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final RunFolder folder;

  /**
   * What to go on from.
   *
   * @param newestWhole nothing if the run ended before its first checkpoint
   * @param passedOver newer ones that cannot be used, each with the reason
   */
  public record Found(Optional<Checkpoint> newestWhole, List<String> passedOver) {}

  /**
   * Evaluations that fell due and are not done.
   *
   * @param readable what to evaluate, oldest first
   * @param damaged files whose evaluation is lost
   */
  public record Owed(List<OwedTrack> readable, List<Path> damaged) {}

  /**
   * Parameters that are still to be evaluated.
   *
   * @param due how, as it was told when it fell due; empty when nothing was told
   */
  public record OwedTrack(Snapshot parameters, String due) {}

  private record Evaluated(long images, String track) {}

  public Recovery(RunFolder folder) {
    this.folder = folder;
  }

  /**
   * Looks for the newest checkpoint that is whole; changes nothing.
   *
   * @throws UserException if there are checkpoints, but none is whole
   */
  public Found find() {
    List<String> passedOver = new ArrayList<>();
    List<Path> folders = folder.checkpointFolders();
    for (int i = folders.size() - 1; i >= 0; i--) {
      Path candidate = folders.get(i);
      Optional<String> damage = Checkpoint.damage(candidate);
      if (damage.isEmpty()) {
        return new Found(Optional.of(Checkpoint.open(candidate)), passedOver);
      }
      passedOver.add(candidate.getFileName() + ", because " + damage.get());
    }
    if (!passedOver.isEmpty()) {
      throw new UserException(
          ("no checkpoint of the run in %s is whole (%s): bring one back, or remove them to start"
                  + " from the beginning")
              .formatted(folder.root(), String.join("; ", passedOver)));
    }
    return new Found(Optional.empty(), passedOver);
  }

  /** Reads what is still to be evaluated up to so many images; changes nothing. */
  public Owed owed(ParameterTable table, long images) {
    List<OwedTrack> readable = new ArrayList<>();
    List<Path> damaged = new ArrayList<>();
    for (RunFolder.Owed evaluation : folder.owed()) {
      if (evaluation.images() <= images) {
        try {
          readable.add(RunFolder.read(evaluation, table));
        } catch (UserException e) {
          damaged.add(evaluation.file());
        }
      }
    }
    return new Owed(readable, damaged);
  }

  /**
   * Removes everything that is newer than so many images, and what was left half-written. A
   * checkpoint of another program's format is not removed but renamed.
   *
   * @param images those of the checkpoint to go on from, 0 for none
   * @param damaged what {@link #owed} could not read, to be removed too
   * @return how many files and folders had been left half-written
   */
  public int goBackTo(long images, List<Path> damaged) {
    int leftovers = AtomicFiles.removeLeftovers(folder.root(), OWN_FILES::contains);
    for (String part : List.of("checkpoints", "evaluations", "samples")) {
      leftovers += AtomicFiles.removeLeftovers(folder.root().resolve(part), name -> true);
    }
    Set<Evaluated> owed = new HashSet<>();
    for (RunFolder.Owed evaluation : folder.owed()) {
      if (evaluation.images() > images || damaged.contains(evaluation.file())) {
        remove(evaluation.file());
      } else {
        owed.add(new Evaluated(evaluation.images(), evaluation.track()));
      }
    }
    keepLines(folder.statistics(), line -> line.path("images").asLong() <= images);
    keepLines(
        folder.scores(),
        line ->
            line.path("images").asLong() <= images
                && !owed.contains(
                    new Evaluated(line.path("images").asLong(), line.path("track").asText())));
    for (Path grid : RunFolder.inside(folder.samples())) {
      if (RunFolder.imagesOf(grid, GRID_NAME) > images) {
        remove(grid);
      }
    }
    for (Path checkpoint : folder.checkpointFolders()) {
      if (folder.imagesOf(checkpoint) <= images) {
        continue;
      }
      if (Checkpoint.isOfAnotherFormat(checkpoint)) {
        setAside(checkpoint);
      } else {
        AtomicFiles.removeFolder(checkpoint);
      }
    }
    return leftovers;
  }

  /** A name that no checkpoint has: what a newer program wrote is not ours to remove. */
  private static void setAside(Path checkpoint) {
    Path aside =
        checkpoint.resolveSibling(
            checkpoint.getFileName() + ".other-format-" + System.currentTimeMillis());
    try {
      Files.move(checkpoint, aside, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw IoFailures.cannotWrite(aside, e);
    }
  }

  /** Keeps the lines that are whole objects and pass; the file stays untouched if all do. */
  private static void keepLines(Path file, Predicate<JsonNode> condition) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      byte[] all = Files.readAllBytes(file);
      String text = new String(all, StandardCharsets.UTF_8); // replaces what is not UTF-8
      StringBuilder kept = new StringBuilder();
      int start = 0;
      for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
        String line = text.substring(start, end);
        JsonNode object = parsed(line);
        if (object.isObject() && condition.test(object)) {
          kept.append(line).append('\n');
        }
        start = end + 1;
      }
      byte[] bytes = kept.toString().getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(bytes, all)) {
        AtomicFiles.write(file, out -> out.write(bytes));
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static JsonNode parsed(String line) throws IOException {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return JSON.missingNode();
    }
  }

  private static void remove(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    }
  }
}
