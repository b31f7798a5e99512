package org.fewstep.actors.coordinator;

/**
 * How a run is cut. Synchronously, update v, counted from 0, consists of the units v*U .. v*U+U-1
 * and leads from version v to version v+1, where U = batchImages / unitImages.
 *
 * @param batchImages images per update over all trainers; with local steps, images per step
 * @param unitImages images in one unit of work
 * @param totalImages length of the run; its last update reaches or passes it
 * @param checkpointEveryImages save each time so many images were seen; 0 for the end alone
 * @param saveEvaluated save each version that is evaluated too
 * @param tickImages images between two reports of statistics
 * @param rule how pushes become updates
 */
public record RunPlan(
    int batchImages,
    int unitImages,
    long totalImages,
    long checkpointEveryImages,
    boolean saveEvaluated,
    long tickImages,
    UpdateRule rule) {

  public RunPlan {
    if (unitImages < 1 || batchImages < 1 || batchImages % unitImages != 0) {
      throw new IllegalArgumentException(
          "%d images per update do not consist of units of %d".formatted(batchImages, unitImages));
    }
    if (totalImages < 1 || checkpointEveryImages < 0 || tickImages < 1) {
      throw new IllegalArgumentException(
          "a run of %d images, checkpoints every %d, ticks every %d"
              .formatted(totalImages, checkpointEveryImages, tickImages));
    }
  }

  /** The plan of a synchronous run. */
  public RunPlan(
      int batchImages,
      int unitImages,
      long totalImages,
      long checkpointEveryImages,
      boolean saveEvaluated,
      long tickImages) {
    this(
        batchImages,
        unitImages,
        totalImages,
        checkpointEveryImages,
        saveEvaluated,
        tickImages,
        new UpdateRule.Synchronous(0));
  }

  /** Versions by which an update's units are computed before the one that it starts from. */
  public int delay() {
    return rule instanceof UpdateRule.Synchronous synchronous ? synchronous.delay() : 0;
  }

  /** The same of one update: the first ones have nothing to lie behind. */
  public int delay(long update) {
    return (int) Math.min(delay(), update);
  }

  /** Units in one update, or in one local step, U. */
  public int unitsPerUpdate() {
    return batchImages / unitImages;
  }

  /** Units that one push covers. */
  public int unitsPerPush() {
    return rule instanceof UpdateRule.LocalSteps local
        ? Math.multiplyExact(local.steps(), unitsPerUpdate())
        : 1;
  }

  /** Pushes in one update; the last of a run may have fewer. */
  public int pushesPerUpdate() {
    return rule instanceof UpdateRule.LocalSteps local ? local.quorum() : unitsPerUpdate();
  }
}
