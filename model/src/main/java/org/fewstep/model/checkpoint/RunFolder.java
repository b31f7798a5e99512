package org.fewstep.model.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageGrid;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.AtomicFiles;

/**
 * Everything a run leaves: {@code config.conf}, {@code stats.jsonl}, {@code scores.jsonl}, {@code
 * samples/*.png}, {@code checkpoints/}.
 */
public final class RunFolder {
  private static final String CONFIG = "config.conf";
  private static final String CHECKPOINTS = "checkpoints";

  private final Path root;

  private RunFolder(Path root) {
    this.root = root;
  }

  /**
   * A folder for a new run.
   *
   * @throws UserException if a run lies there already, or the folder cannot be made
   */
  public static RunFolder create(Path root, String settings) {
    if (Files.exists(root.resolve(CONFIG))) {
      throw new UserException(
          "there is a run in " + root + " already: choose another --run-dir, or remove it");
    }
    try {
      Files.createDirectories(root.resolve("samples"));
      Files.createDirectories(root.resolve(CHECKPOINTS));
    } catch (IOException e) {
      throw new UserException("cannot make the run folder " + root + ": " + e.getMessage(), e);
    }
    RunFolder folder = new RunFolder(root);
    AtomicFiles.write(
        root.resolve(CONFIG), out -> out.write(settings.getBytes(StandardCharsets.UTF_8)));
    return folder;
  }

  /**
   * The folder of an existing run.
   *
   * @throws UserException if there is none
   */
  public static RunFolder open(Path root) {
    if (!is(root)) {
      throw new UserException(root + " is not a run folder: it has no " + CONFIG);
    }
    return new RunFolder(root);
  }

  /** Whether a run lies there. */
  public static boolean is(Path root) {
    return Files.isRegularFile(root.resolve(CONFIG)) && !Checkpoint.is(root);
  }

  public Path root() {
    return root;
  }

  /** The file of settings. */
  public Path config() {
    return root.resolve(CONFIG);
  }

  /** Appends one line to {@code stats.jsonl}. */
  public void appendStatistics(String jsonLine) {
    append(root.resolve("stats.jsonl"), jsonLine);
  }

  /** Appends one line to {@code scores.jsonl}. */
  public void appendScore(String jsonLine) {
    append(scores(), jsonLine);
  }

  public Path scores() {
    return root.resolve("scores.jsonl");
  }

  private static void append(Path file, String line) {
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UserException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /** Writes the grid of one evaluation and number of steps; returns its file. */
  public Path writeGrid(long images, int steps, double[] pixels, ImageShape shape) {
    Path file =
        root.resolve("samples")
            .resolve(String.format(Locale.ROOT, "images-%09d-steps-%d.png", images, steps));
    int count = pixels.length / shape.size();
    ImageGrid.write(file, pixels, shape, (int) Math.ceil(Math.sqrt(count)));
    return file;
  }

  /**
   * Writes a checkpoint of the state's images, unless it is there already, and removes all but the
   * newest ones.
   */
  public Path writeCheckpoint(
      Checkpoint.Run run, org.fewstep.model.optim.ParameterSet.State state, int keepLast) {
    Path folder =
        root.resolve(CHECKPOINTS)
            .resolve(String.format(Locale.ROOT, "images-%09d", state.images()));
    if (!Checkpoint.is(folder)) {
      Checkpoint.write(folder, run, state);
    }
    List<Path> all = checkpoints();
    for (Path old : all.subList(0, Math.max(0, all.size() - keepLast))) {
      delete(old);
    }
    return folder;
  }

  /** Folders of checkpoints, oldest first. */
  public List<Path> checkpoints() {
    Path folder = root.resolve(CHECKPOINTS);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Checkpoint::is)
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UserException("cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  /** The newest checkpoint, if there is one. */
  public Optional<Path> newestCheckpoint() {
    List<Path> all = checkpoints();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UserException("cannot remove " + folder + ": " + e.getMessage(), e);
    }
  }
}
