package org.fewstep.model.verify;

import java.util.List;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.metrics.FrechetDistance;
import org.fewstep.model.metrics.Moments;
import org.fewstep.model.metrics.Statistics;

/** Golden values of the scores: moments of feature vectors and their Frechet distance. */
final class MetricsSet {
  private static final double MOMENTS_TOLERANCE = 1e-9;
  private static final double FRECHET_TOLERANCE = 1e-6;

  private MetricsSet() {}

  static List<Check> verify(String set, Safetensors file) {
    MaxRelativeError moments = new MaxRelativeError();
    Statistics a = statistics("a", file, moments);
    Statistics b = statistics("b", file, moments);
    MaxRelativeError frechet = new MaxRelativeError();
    frechet.add("frechet", new double[] {FrechetDistance.between(a, b)}, file.doubles("frechet"));
    return List.of(
        moments.check(set, "moments", MOMENTS_TOLERANCE),
        frechet.check(set, "frechet", FRECHET_TOLERANCE));
  }

  private static Statistics statistics(String name, Safetensors file, MaxRelativeError error) {
    float[] features = file.floats("features_" + name);
    int rows = Math.toIntExact(file.shape("features_" + name)[0]);
    Moments moments = new Moments(features.length / rows);
    moments.add(features, rows);
    Statistics statistics = moments.statistics();
    error.add("mu_" + name, statistics.mean(), file.doubles("mu_" + name));
    error.add("sigma_" + name, statistics.covariance(), file.doubles("sigma_" + name));
    return statistics;
  }
}
