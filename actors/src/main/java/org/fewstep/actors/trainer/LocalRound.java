package org.fewstep.actors.trainer;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.actors.MeanGradient;
import org.fewstep.model.data.Unit;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.protocol.UnitReport;

/** A round of local steps: so many units make a step, and what all of them tell makes a report. */
public final class LocalRound {
  private final LocalSteps steps;
  private final int unitsPerStep;
  private final List<float[]> gradients = new ArrayList<>();
  private final List<UnitReport> reports = new ArrayList<>();
  private long firstUnit;
  private int images;
  private int stepImages;

  /** Before its first unit. */
  public LocalRound(LocalSteps steps, int unitsPerStep) {
    this.steps = steps;
    this.unitsPerStep = unitsPerStep;
  }

  /** Begins with parameters that nobody changes and the images they have seen. */
  void begin(float[] parameters, long imagesSeen) {
    steps.begin(parameters, imagesSeen);
    gradients.clear();
    reports.clear();
    images = 0;
    stepImages = 0;
  }

  /** Takes in a unit; returns whether that made a step, and other parameters. */
  boolean add(Unit unit, float[] gradient, UnitReport report) {
    if (reports.isEmpty()) {
      firstUnit = unit.index();
    }
    reports.add(report);
    gradients.add(gradient);
    images += unit.count();
    stepImages += unit.count();
    if (gradients.size() < unitsPerStep) {
      return false;
    }
    steps.step(MeanGradient.of(gradients).values(), stepImages);
    gradients.clear();
    stepImages = 0;
    return true;
  }

  float[] parameters() {
    return steps.parameters();
  }

  float[] difference() {
    return steps.difference();
  }

  long firstUnit() {
    return firstUnit;
  }

  /** Images of all units so far. */
  int images() {
    return images;
  }

  /** Means of what the units told, and their times together. */
  UnitReport report() {
    return UnitReport.ofAll(reports);
  }
}
