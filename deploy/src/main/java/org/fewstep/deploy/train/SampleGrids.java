package org.fewstep.deploy.train;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.config.Choices;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.model.checkpoint.RunFolder;

/** Writes what evaluators drew, wherever they did, into the run's folder. Safe for threads. */
final class SampleGrids {
  private final RunFolder folder;
  private final DiskRefusals refusals;

  SampleGrids(RunFolder folder, DiskRefusals refusals) {
    this.folder = folder;
    this.refusals = refusals;
  }

  void write(EvaluationPart part, SampleImages samples) {
    double[] pixels = new double[samples.pixels().length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = samples.pixels()[i];
    }
    if (!refusals.written(
        "grids",
        () ->
            folder.writeGrid(part.images(), label(part), part.steps(), pixels, samples.shape()))) {
      refusals.unfinished(part.images());
    }
  }

  /**
   * What tells a grid from others of the same images and steps, joined by what no name has in it;
   * nothing for the settings' own entry.
   */
  private static String label(EvaluationPart part) {
    EvaluationEntry entry = part.entry();
    List<String> parts = new ArrayList<>();
    if (!entry.name().equals(EvaluationConfig.ENTRY)) {
      parts.add(entry.name());
    }
    if (entry.tracks().size() > 1) {
      parts.add(part.track());
    }
    if (entry.samplers().size() > 1) {
      parts.add(Choices.nameOf(part.sampler()));
    }
    return String.join("_", parts);
  }
}
