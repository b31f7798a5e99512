package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.Manifest;
import org.fewstep.model.checkpoint.RunFolder;

/** What a run has learnt, to be compared bit for bit. */
final class Learnt {
  private Learnt() {}

  /** Sizes and checksums of parameters, averages and moments in the run's newest checkpoint. */
  static Map<String, Manifest.FileEntry> by(Path run) {
    Path newest = RunFolder.open(run).newestCheckpoint().orElseThrow();
    Map<String, Manifest.FileEntry> files = new TreeMap<>();
    Checkpoint.open(newest)
        .manifest()
        .files()
        .forEach(
            (name, entry) -> {
              if (name.endsWith(".safetensors")) {
                files.put(name, entry);
              }
            });
    return files;
  }
}
