package org.fewstep.model.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageGrid;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.PointPlot;
import org.fewstep.model.io.Appending;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;

/**
 * Everything a run leaves: {@code config.conf}, {@code stats.jsonl}, {@code scores.jsonl}, {@code
 * samples/*.png}, {@code checkpoints/}, {@code evaluation-schedule.jsonl} once the schedule was
 * replaced; and {@code evaluations/}, which holds the parameters of evaluations that are under way.
 *
 * <p>OWED-1: an evaluation that fell due is not lost. Its parameters lie in {@code evaluations/}
 * before a checkpoint of the same or a later version lies in {@code checkpoints/}, and stay until
 * its scores and grids are written.
 */
public final class RunFolder {
  private static final String CONFIG = "config.conf";
  static final String SCHEDULES = "evaluation-schedule.jsonl";
  private static final String CHECKPOINTS = "checkpoints";
  private static final String IMAGES = "images-%09d";
  private static final String VERSION = "version";
  private static final String DUE = "due";
  private static final Pattern CHECKPOINT_NAME = Pattern.compile("images-(\\d{9,18})");
  private static final Pattern OWED_NAME = Pattern.compile("images-(\\d{9,18})-(.+)\\.safetensors");

  private final Path root;

  private RunFolder(Path root) {
    this.root = root;
  }

  /**
   * A folder for a new run.
   *
   * @throws UserException if a run or something else lies there already, or the folder cannot be
   *     made
   */
  public static RunFolder create(Path root, String settings) {
    if (Files.exists(root.resolve(CONFIG)) || is(root)) {
      throw new UserException(
          "there is a run in " + root + " already: choose another --run-dir, or remove it");
    }
    checkVacant(root);
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
      throw new UserException(
          root + " is not a run folder: it has no " + CONFIG + " and no checkpoints");
    }
    return new RunFolder(root);
  }

  /**
   * Whether a run lies there. One that lost its file of settings still has those in its
   * checkpoints.
   */
  public static boolean is(Path root) {
    return !Checkpoint.is(root)
        && (Files.isRegularFile(root.resolve(CONFIG))
            || !new RunFolder(root).checkpointFolders().isEmpty());
  }

  /**
   * Checks that a new run would mix with nothing. Hidden files do not count, nor do the empty
   * folders of a run that ended before it had settings.
   *
   * @throws UserException naming what lies there
   */
  public static void checkVacant(Path root) {
    for (Path path : inside(root).stream().sorted().toList()) {
      boolean empty = Files.isDirectory(path) && inside(path).isEmpty();
      if (!path.getFileName().toString().startsWith(".") && !empty) {
        throw new UserException(
            "%s holds %s but no run: choose another --run-dir, or empty it"
                .formatted(root, path.getFileName()));
      }
    }
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
    Appending.line(statistics(), jsonLine);
  }

  /** Appends one line to {@code scores.jsonl}. */
  public void appendScore(String jsonLine) {
    Appending.line(scores(), jsonLine);
  }

  Path statistics() {
    return root.resolve("stats.jsonl");
  }

  public Path scores() {
    return root.resolve("scores.jsonl");
  }

  /** Adds one line to the history of evaluation schedules. */
  public synchronized void appendSchedule(String jsonLine) {
    List<String> lines = new ArrayList<>(schedules());
    lines.add(jsonLine);
    byte[] bytes = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFiles.write(root.resolve(SCHEDULES), out -> out.write(bytes));
  }

  /** The history of evaluation schedules, a line each; empty when the settings' one holds. */
  public List<String> schedules() {
    Path file = root.resolve(SCHEDULES);
    try {
      return Files.exists(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /**
   * Writes the grid of one evaluation and number of steps; returns its file.
   *
   * @param label tells evaluations of the same images and steps apart; may be empty
   */
  public Path writeGrid(long images, String label, int steps, double[] pixels, ImageShape shape) {
    Path file = grid(images, label, steps);
    int count = pixels.length / shape.size();
    ImageGrid.write(file, pixels, shape, (int) Math.ceil(Math.sqrt(count)));
    return file;
  }

  /**
   * Plots the points of one evaluation and number of steps over true ones; returns its file.
   *
   * @param label as for {@link #writeGrid}
   * @param truth pairs of coordinates; may be empty
   */
  public Path writePoints(long images, String label, int steps, double[] points, double[] truth) {
    Path file = grid(images, label, steps);
    byte[] png = PointPlot.encode(points, truth);
    AtomicFiles.write(file, out -> out.write(png));
    return file;
  }

  private Path grid(long images, String label, int steps) {
    return samples()
        .resolve(
            String.format(
                Locale.ROOT,
                IMAGES + "-%ssteps-%d.png",
                images,
                label.isEmpty() ? "" : label + "-",
                steps));
  }

  Path samples() {
    return root.resolve("samples");
  }

  /**
   * Keeps the parameters of a track until {@link #evaluated} says that they were evaluated.
   *
   * @param due how they are to be evaluated, in the words of whoever reads it
   * @throws UserException if the disk refuses
   */
  public void owe(Checkpoint.Run run, Snapshot parameters, String due) {
    Weights.write(
        owed(parameters.images(), parameters.track()),
        run.spec(),
        run.table(),
        parameters.parameters(),
        new TreeMap<>(Map.of(VERSION, Long.toString(parameters.version()), DUE, due)));
  }

  /** The scores and grids of a track are written. */
  public void evaluated(long images, String track) {
    try {
      Files.deleteIfExists(owed(images, track));
    } catch (IOException e) {
      throw IoFailures.cannotWrite(owed(images, track), e);
    }
  }

  private Path owed(long images, String track) {
    return evaluations()
        .resolve(String.format(Locale.ROOT, IMAGES + "-%s.safetensors", images, track));
  }

  Path evaluations() {
    return root.resolve("evaluations");
  }

  /** Parameters of a track that is still to be evaluated. */
  static Recovery.OwedTrack read(Owed evaluation, ParameterTable table) {
    try (Safetensors open = Safetensors.open(evaluation.file())) {
      return new Recovery.OwedTrack(
          new Snapshot(
              "model",
              evaluation.track(),
              Long.parseLong(open.metadata().getOrDefault(VERSION, "0")),
              evaluation.images(),
              Weights.read(evaluation.file(), open, table)),
          open.metadata().getOrDefault(DUE, ""));
    } catch (NumberFormatException e) {
      throw new UserException(evaluation.file() + " names no version", e);
    }
  }

  /** Whether an evaluation is under way or was interrupted. */
  public boolean owesEvaluations() {
    return !owed().isEmpty();
  }

  /** An evaluation that is under way or was interrupted. */
  record Owed(Path file, long images, String track) {}

  List<Owed> owed() {
    List<Owed> owed = new ArrayList<>();
    for (Path file : inside(evaluations())) {
      Matcher name = OWED_NAME.matcher(file.getFileName().toString());
      if (name.matches()) {
        owed.add(new Owed(file, Long.parseLong(name.group(1)), name.group(2)));
      }
    }
    owed.sort(Comparator.comparingLong(Owed::images));
    return owed;
  }

  /**
   * Writes a checkpoint of the state's images, unless this very state is there already, and removes
   * those that need not be kept.
   *
   * @param seconds that the run has trained for
   * @throws UserException if another state of as many images is there, or the disk refuses
   */
  public Path writeCheckpoint(
      Checkpoint.Run run, ParameterSet.State state, double seconds, int keepLast, BestScores best) {
    Path folder =
        root.resolve(CHECKPOINTS).resolve(String.format(Locale.ROOT, IMAGES, state.images()));
    if (!Checkpoint.is(folder) || !Checkpoint.open(folder).isOf(run, state)) {
      Checkpoint.write(folder, run, state, seconds);
    }
    prune(keepLast, best);
    return folder;
  }

  /**
   * Removes all checkpoints but the newest, the best, and those whose score is not known yet.
   *
   * @throws UserException if the disk refuses
   */
  public synchronized void prune(int keepLast, BestScores best) {
    List<Path> all = checkpoints();
    Set<Long> keep = new HashSet<>(best.undecided(owed()));
    keep.addAll(best.of(all.stream().map(this::imagesOf).toList()));
    for (Path old : all.subList(0, Math.max(0, all.size() - keepLast))) {
      if (!keep.contains(imagesOf(old))) {
        AtomicFiles.removeFolder(old);
      }
    }
  }

  /** The checkpoint with the best score, if one is wanted and known. */
  public Optional<Path> bestCheckpoint(BestScores best) {
    List<Long> first = best.of(checkpoints().stream().map(this::imagesOf).toList());
    return checkpoints().stream()
        .filter(path -> !first.isEmpty() && imagesOf(path) == first.get(0))
        .findFirst();
  }

  /** Folders of checkpoints, oldest first. */
  public List<Path> checkpoints() {
    return checkpointFolders().stream().filter(Checkpoint::is).toList();
  }

  /** Folders with the name of a checkpoint, whole or not, oldest first. */
  List<Path> checkpointFolders() {
    return inside(root.resolve(CHECKPOINTS)).stream()
        .filter(path -> imagesOf(path) >= 0)
        .sorted(Comparator.comparingLong(this::imagesOf))
        .toList();
  }

  /** The newest checkpoint, if there is one. */
  public Optional<Path> newestCheckpoint() {
    List<Path> all = checkpoints();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** The newest whole checkpoint of fewer images, if there is one. */
  public Optional<Checkpoint> newestCheckpointBefore(long images) {
    List<Path> all = checkpoints();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (imagesOf(all.get(i)) < images && Checkpoint.damage(all.get(i)).isEmpty()) {
        return Optional.of(Checkpoint.open(all.get(i)));
      }
    }
    return Optional.empty();
  }

  /** The images in a file's name, -1 if it has another name. */
  static long imagesOf(Path path, Pattern name) {
    Matcher matcher = name.matcher(path.getFileName().toString());
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
  }

  /** The images of a checkpoint by its name. */
  public long imagesOf(Path checkpoint) {
    return imagesOf(checkpoint, CHECKPOINT_NAME);
  }

  static List<Path> inside(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    } catch (IOException e) {
      throw IoFailures.cannotRead(folder, e);
    }
  }
}
