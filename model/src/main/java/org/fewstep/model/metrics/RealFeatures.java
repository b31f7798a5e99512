package org.fewstep.model.metrics;

import java.util.Map;
import org.fewstep.model.metrics.distance.FeatureRows;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the features of real images.
 *
 * @param statistics of each output that there are some of
 * @param rows the pooled features themselves; null where only statistics were given or asked for
 * @param checksum of the images or the file of statistics; the name of shipped ones
 */
public record RealFeatures(
    Map<FeatureOutput, Statistics> statistics, @Nullable FeatureRows rows, String checksum) {
  /** What a metric compares with that needs no real images. */
  public static final RealFeatures NONE = new RealFeatures(Map.of(), null);

  public RealFeatures {
    statistics = Map.copyOf(statistics);
  }

  /** Of unknown origin. */
  public RealFeatures(Map<FeatureOutput, Statistics> statistics, @Nullable FeatureRows rows) {
    this(statistics, rows, "");
  }
}
