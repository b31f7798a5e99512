package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.optim.ParameterSet;

/**
 * A training state on disk: a folder with the weights ({@code model.safetensors}), one file for
 * each EMA track, the optimiser's moments, the run's settings and, last, a manifest with the
 * SHA-256 of all of them. It is written under another name and renamed, so a folder with its proper
 * name is whole.
 */
public final class Checkpoint {
  /** Track name of the unaveraged weights. */
  public static final String LIVE = "live";

  private static final String MANIFEST = "manifest.json";
  private static final String SETTINGS = "config.conf";
  private static final String OPTIMIZER = "optimizer.safetensors";

  /** What the files of a set that is trained in turn with the model begin with. */
  private static final String COMPANION = "auxiliary-";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Manifest manifest;

  private Checkpoint(Path folder, Manifest manifest) {
    this.folder = folder;
    this.manifest = manifest;
  }

  /**
   * Who the state belongs to.
   *
   * @param settings the run's resolved settings, HOCON
   * @param code version of the program
   */
  public record Run(
      StepModelSpec spec,
      ParameterTable table,
      long seed,
      String dataFingerprint,
      String modelHash,
      String settings,
      String code) {}

  /**
   * Writes a state.
   *
   * @param seconds that the run has trained for
   * @throws UserException if the folder exists or the disk refuses; then nothing is left
   */
  public static Checkpoint write(Path folder, Run run, ParameterSet.State state, double seconds) {
    AtomicFiles.writeFolder(folder, inside -> writeInto(inside, run, state, seconds));
    return open(folder);
  }

  private static void writeInto(Path inside, Run run, ParameterSet.State state, double seconds)
      throws IOException {
    // Sorted, so that equal states make equal files: the order of Map.of changes with each process.
    Map<String, String> clock = new TreeMap<>();
    clock.put("images", Long.toString(state.images()));
    clock.put("version", Long.toString(state.version()));
    Weights.write(
        inside.resolve(weightsFile(LIVE)), run.spec, run.table, state.parameters(), clock);
    for (Map.Entry<String, float[]> track : state.tracks().entrySet()) {
      Weights.write(
          inside.resolve(weightsFile(track.getKey())),
          run.spec,
          run.table,
          track.getValue(),
          clock);
    }
    for (int back = 1; back <= state.earlier().size(); back++) {
      Weights.write(
          inside.resolve(Manifest.earlierFile(back)),
          run.spec,
          run.table,
          state.earlier().get(back - 1),
          Map.of("version", Long.toString(state.version() - back)));
    }
    writeMoments(inside.resolve(OPTIMIZER), state);
    ParameterSet.State companion = state.companion();
    if (companion != null) {
      Weights.write(
          inside.resolve(COMPANION + weightsFile(LIVE)),
          run.spec,
          run.table,
          companion.parameters(),
          clock);
      writeMoments(inside.resolve(COMPANION + OPTIMIZER), companion);
    }
    Files.writeString(inside.resolve(SETTINGS), run.settings);

    Map<String, Manifest.FileEntry> files = new TreeMap<>();
    try (var written = Files.list(inside)) {
      for (Path file : written.toList()) {
        files.put(
            file.getFileName().toString(),
            new Manifest.FileEntry(Files.size(file), Sha256.ofFile(file)));
      }
    }
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            run.code,
            state.images(),
            state.version(),
            seconds,
            run.seed,
            state.optimizerSteps(),
            List.copyOf(state.tracks().keySet()),
            state.unitsAhead().isEmpty() ? null : state.unitsAhead(),
            state.earlier().isEmpty() ? null : state.earlier().size(),
            companion == null ? null : companion.optimizerSteps(),
            run.dataFingerprint,
            run.modelHash,
            files);
    Files.write(
        inside.resolve(MANIFEST),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(manifest));
  }

  private static void writeMoments(Path file, ParameterSet.State state) {
    Map<String, Tensor> moments = new LinkedHashMap<>();
    state
        .optimizerState()
        .forEach((key, values) -> moments.put(key, Tensor.of(values, values.length)));
    Safetensors.write(file, moments, Map.of("kind", "optimizer"));
  }

  /** Whether a folder claims to be a checkpoint. */
  public static boolean is(Path folder) {
    return Files.isRegularFile(folder.resolve(MANIFEST));
  }

  /**
   * Opens a checkpoint and checks every file against the manifest.
   *
   * @throws UserException naming what is missing or damaged
   */
  public static Checkpoint open(Path folder) {
    if (!is(folder)) {
      throw new UserException(folder + " is not a checkpoint: it has no " + MANIFEST);
    }
    Optional<String> damage = damage(folder);
    if (damage.isPresent()) {
      throw new UserException(
          "the checkpoint %s cannot be used: %s".formatted(folder, damage.get()));
    }
    try {
      return new Checkpoint(folder, manifest(folder));
    } catch (IOException e) {
      throw IoFailures.cannotRead(folder.resolve(MANIFEST), e);
    }
  }

  /** Why a folder is no checkpoint to go on from, nothing if it is one. */
  static Optional<String> damage(Path folder) {
    if (!is(folder)) {
      return Optional.of("it has no " + MANIFEST);
    }
    try {
      Manifest manifest = manifest(folder);
      if (manifest.format() != Manifest.FORMAT) {
        return Optional.of(
            "it has format %d, this program reads format %d"
                .formatted(manifest.format(), Manifest.FORMAT));
      }
      Optional<String> missing =
          parts(manifest).filter(part -> manifest.files().get(part) == null).findFirst();
      if (missing.isPresent()) {
        return Optional.of(MANIFEST + " does not name " + missing.get());
      }
      for (Map.Entry<String, Manifest.FileEntry> entry : manifest.files().entrySet()) {
        Path part = folder.resolve(entry.getKey());
        if (!Files.isRegularFile(part)
            || Files.size(part) != entry.getValue().bytes()
            || !Sha256.ofFile(part).equals(entry.getValue().sha256())) {
          return Optional.of(entry.getKey() + " is not what its manifest says");
        }
      }
      return Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.of(MANIFEST + " is no manifest");
    } catch (IOException e) {
      return Optional.of("it cannot be read: " + IoFailures.reason(e));
    }
  }

  /** Files that every checkpoint consists of. */
  private static Stream<String> parts(Manifest manifest) {
    return Stream.of(
            Stream.of(weightsFile(LIVE), OPTIMIZER, SETTINGS),
            manifest.tracks().stream().map(Checkpoint::weightsFile),
            manifest.earlierFiles().stream(),
            manifest.auxiliaryOptimizerSteps() == null
                ? Stream.<String>empty()
                : Stream.of(COMPANION + weightsFile(LIVE), COMPANION + OPTIMIZER))
        .flatMap(names -> names);
  }

  /** Whether a program with another layout of checkpoints wrote it. */
  static boolean isOfAnotherFormat(Path folder) {
    try {
      return is(folder) && manifest(folder).format() != Manifest.FORMAT;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether it holds this state of this run. */
  boolean isOf(Run run, ParameterSet.State state) {
    return manifest.version() == state.version()
        && manifest.images() == state.images()
        && manifest.optimizerSteps() == state.optimizerSteps()
        && manifest.seed() == run.seed()
        && manifest.dataFingerprint().equals(run.dataFingerprint())
        && manifest.modelHash().equals(run.modelHash());
  }

  private static Manifest manifest(Path folder) throws IOException {
    Path file = folder.resolve(MANIFEST);
    Manifest manifest = JSON.readValue(Files.readAllBytes(file), Manifest.class);
    if (manifest == null
        || manifest.files() == null
        || manifest.files().containsValue(null)
        || manifest.tracks() == null) {
      throw JsonMappingException.from((JsonParser) null, "no files or tracks");
    }
    return manifest;
  }

  public Path folder() {
    return folder;
  }

  public Manifest manifest() {
    return manifest;
  }

  /** The run's settings, HOCON. */
  public String settings() {
    try {
      return Files.readString(folder.resolve(SETTINGS), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UserException("cannot read " + folder.resolve(SETTINGS), e);
    }
  }

  /**
   * Weights file of a track.
   *
   * @throws UserException if there is no such track
   */
  public Path weights(String track) {
    if (!track.equals(LIVE) && !manifest.tracks().contains(track)) {
      throw new UserException(
          "the checkpoint %s has no track '%s'; it has %s and %s"
              .formatted(folder, track, String.join(", ", manifest.tracks()), LIVE));
    }
    return folder.resolve(weightsFile(track));
  }

  /** The whole state, to go on from. */
  public ParameterSet.State state(ParameterTable table) {
    Map<String, float[]> tracks = new LinkedHashMap<>();
    for (String track : manifest.tracks()) {
      tracks.put(track, read(track, table));
    }
    Long companionSteps = manifest.auxiliaryOptimizerSteps();
    return new ParameterSet.State(
        manifest.version(),
        manifest.images(),
        read(LIVE, table),
        manifest.optimizerSteps(),
        moments(OPTIMIZER),
        tracks,
        manifest.unitsAhead() == null ? List.of() : manifest.unitsAhead(),
        manifest.earlierFiles().stream().map(name -> read(folder.resolve(name), table)).toList(),
        companionSteps == null
            ? null
            : new ParameterSet.State(
                manifest.version(),
                manifest.images(),
                read(folder.resolve(COMPANION + weightsFile(LIVE)), table),
                companionSteps,
                moments(COMPANION + OPTIMIZER),
                Map.of()));
  }

  private Map<String, float[]> moments(String name) {
    Map<String, float[]> moments = new LinkedHashMap<>();
    try (Safetensors file = Safetensors.open(folder.resolve(name))) {
      for (String moment : file.names()) {
        moments.put(moment, file.floats(moment));
      }
    }
    return moments;
  }

  private float[] read(String track, ParameterTable table) {
    return read(weights(track), table);
  }

  private static float[] read(Path file, ParameterTable table) {
    try (Safetensors open = Safetensors.open(file)) {
      return Weights.read(file, open, table);
    }
  }

  private static String weightsFile(String track) {
    return track.equals(LIVE) ? "model.safetensors" : "ema-" + track + ".safetensors";
  }
}
