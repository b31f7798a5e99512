package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.Manifest;
import org.fewstep.model.checkpoint.RunFolder;

/** A run of 20 updates of two units each, trained once for all tests that look at it. */
final class TinyRun {
  static final int IMAGES = 320;
  static final int UPDATES = 20;

  private static final List<String> SETTINGS =
      List.of(
          "batch=16", "exchange.unit-images=8", "images=" + IMAGES, "checkpoint.every-images=160");

  private static final TinyRun SHARED = new TinyRun();

  private final Path folder;
  private final Command.Result result;

  private TinyRun() {
    folder = TemporaryFolders.create("tiny").resolve("run");
    result = Command.run(train(folder));
  }

  /** The run, after it ended. */
  static TinyRun shared() {
    return SHARED;
  }

  /** Arguments that train such a run in a folder; what is given last holds. */
  static String[] train(Path folder, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "tiny"));
    arguments.addAll(SETTINGS);
    arguments.addAll(List.of("--run-dir", folder.toString()));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  Path folder() {
    return folder;
  }

  Command.Result result() {
    return result;
  }

  /** The newest checkpoint in a run's folder, checked against its manifest. */
  static Checkpoint newestCheckpoint(Path folder) {
    return Checkpoint.open(RunFolder.open(folder).newestCheckpoint().orElseThrow());
  }

  /**
   * Sizes and checksums of all files with parameters, averages and moments in a run's newest
   * checkpoint; they agree when everything that was learnt agrees bit for bit.
   */
  static Map<String, Manifest.FileEntry> learnt(Path folder) {
    Map<String, Manifest.FileEntry> files = new TreeMap<>();
    newestCheckpoint(folder)
        .manifest()
        .files()
        .forEach(
            (name, entry) -> {
              if (name.endsWith(".safetensors")) {
                files.put(name, entry);
              }
            });
    assertThat(files).containsKeys("model.safetensors", "optimizer.safetensors");
    return files;
  }
}
