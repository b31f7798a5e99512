package org.fewstep.actors.coordinator;

/**
 * Where a run stands after an update.
 *
 * @param images images seen in all
 * @param totalImages length of the run
 * @param version updates applied in all
 * @param imagesPerSecond over the last half minute
 * @param loss mean over the update
 */
public record RunProgress(
    long images, long totalImages, long version, double imagesPerSecond, double loss) {}
