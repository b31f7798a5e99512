package org.fewstep.actors.coordinator;

import java.util.List;
import org.fewstep.protocol.CoordinatorMessage.Published;
import org.fewstep.protocol.UnitReport;

/** Collects what becomes a {@link TickStatistics}. */
final class TickMeter {
  private final long tickImages;
  private final long startNanos;
  private long tickStartNanos;
  private long tickStartImages;
  private long images;
  private long version;
  private double learningRate;

  private int units;
  private double loss;
  private double modelKernel;
  private double targetKernel;
  private double crossKernel;
  private double unitGradientNorm;
  private double computeSeconds;
  private double waitingSeconds;
  private double forwardSeconds;
  private double backwardSeconds;
  private double idleSeconds;
  private double dataSeconds;
  private double applySeconds;
  private int updates;
  private double gradientNorm;
  private long stalenessSum;
  private long stalenessMax;
  private int stalenesses;

  TickMeter(long tickImages, long images, long nowNanos) {
    this.tickImages = tickImages;
    this.startNanos = nowNanos;
    this.tickStartNanos = nowNanos;
    this.tickStartImages = images;
    this.images = images;
  }

  /**
   * Takes in an update and its pushes; without any it was left out, and counts images alone.
   *
   * @param applySeconds trainers' time in which the update was being applied: its duration times
   *     the number of trainers
   */
  void add(List<UnitReport> reports, Published published, double applySeconds) {
    this.applySeconds += applySeconds;
    for (UnitReport report : reports) {
      loss += report.loss();
      modelKernel += report.modelKernel();
      targetKernel += report.targetKernel();
      crossKernel += report.crossKernel();
      unitGradientNorm += report.gradientNorm();
      computeSeconds += report.computeSeconds();
      waitingSeconds += report.waitingSeconds();
      forwardSeconds += report.forwardSeconds();
      backwardSeconds += report.backwardSeconds();
      idleSeconds += report.idleSeconds();
      dataSeconds += report.dataSeconds();
    }
    units += reports.size();
    if (!reports.isEmpty()) {
      gradientNorm += published.gradientNorm();
      updates++;
    }
    images = published.images();
    version = published.version();
    learningRate = published.learningRate();
  }

  /** Takes in how many versions had passed since the one at which a push was computed. */
  void addStaleness(long versions) {
    stalenessSum += versions;
    stalenessMax = Math.max(stalenessMax, versions);
    stalenesses++;
  }

  /** Whether a multiple of the tick's images was passed since the previous tick. */
  boolean isDue() {
    return images / tickImages > tickStartImages / tickImages;
  }

  /** Whether anything happened since the previous tick. */
  boolean isEmpty() {
    return images == tickStartImages;
  }

  /** Closes the tick and begins the next one. */
  TickStatistics tick(long nowNanos, int trainers) {
    double seconds = (nowNanos - tickStartNanos) * 1e-9;
    TickStatistics statistics =
        new TickStatistics(
            images,
            version,
            (nowNanos - startNanos) * 1e-9,
            seconds > 0 ? (images - tickStartImages) / seconds : 0,
            loss / units,
            modelKernel / units,
            targetKernel / units,
            crossKernel / units,
            gradientNorm / updates,
            unitGradientNorm / units,
            learningRate,
            trainers,
            time(),
            stalenesses == 0
                ? null
                : new TickStatistics.Staleness((double) stalenessSum / stalenesses, stalenessMax));
    stalenessSum = 0;
    stalenessMax = 0;
    stalenesses = 0;
    tickStartNanos = nowNanos;
    tickStartImages = images;
    units = 0;
    updates = 0;
    loss = 0;
    modelKernel = 0;
    targetKernel = 0;
    crossKernel = 0;
    unitGradientNorm = 0;
    computeSeconds = 0;
    waitingSeconds = 0;
    forwardSeconds = 0;
    backwardSeconds = 0;
    idleSeconds = 0;
    dataSeconds = 0;
    applySeconds = 0;
    gradientNorm = 0;
    return statistics;
  }

  private TimeSplit time() {
    double forUpdates = idleSeconds - dataSeconds;
    double optimizer = Math.min(forUpdates, applySeconds);
    return new TimeSplit(
        forwardSeconds,
        backwardSeconds,
        computeSeconds - forwardSeconds - backwardSeconds,
        optimizer,
        waitingSeconds - idleSeconds,
        dataSeconds,
        forUpdates - optimizer);
  }
}
