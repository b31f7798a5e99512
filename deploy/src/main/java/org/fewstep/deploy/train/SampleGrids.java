package org.fewstep.deploy.train;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.config.Choices;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;

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
    if (!refusals.written("grids", () -> write(part, pixels, samples.shape()))) {
      refusals.unfinished(part.images());
    }
  }

  private void write(EvaluationPart part, double[] pixels, ImageShape shape) {
    if (shape.equals(ImageShape.POINT)) {
      folder.writePoints(part.images(), label(part), part.steps(), pixels, truth());
    } else {
      folder.writeGrid(part.images(), label(part), part.steps(), pixels, shape);
    }
  }

  /** The points that the run compares its samples with. */
  private double[] truth() {
    EvaluationConfig evaluation =
        RunConfigLoader.load(folder.config().toString(), List.of()).config().evaluation();
    if (!evaluation.scored()) {
      return new double[0];
    }
    ImageDataset points = Datasets.open(evaluation.reference());
    int size = points.shape().size();
    double[] truth = new double[points.count() * size];
    for (int i = 0; i < points.count(); i++) {
      points.read(i, truth, i * size);
    }
    return truth;
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
