package org.fewstep.model.verify;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.metrics.FrechetDistance;
import org.fewstep.model.metrics.Moments;
import org.fewstep.model.metrics.Statistics;
import org.fewstep.model.metrics.distance.FeatureRows;
import org.fewstep.model.metrics.distance.InceptionScore;
import org.fewstep.model.metrics.distance.KernelDistance;
import org.fewstep.model.metrics.distance.Neighbourhoods;
import org.fewstep.model.metrics.distance.SupportComparison;

/** Golden values of the scores: moments of feature vectors, their distances, and logits' score. */
final class MetricsSet {
  private static final double MOMENTS_TOLERANCE = 1e-9;
  private static final double FRECHET_TOLERANCE = 1e-6;
  private static final double KID_TOLERANCE = 1e-5;
  private static final double INCEPTION_SCORE_TOLERANCE = 1e-6;

  private MetricsSet() {}

  static List<Check> verify(String set, Safetensors file) {
    MaxRelativeError moments = new MaxRelativeError();
    Statistics a = statistics("a", file, moments);
    Statistics b = statistics("b", file, moments);
    MaxRelativeError frechet = new MaxRelativeError();
    frechet.add("frechet", new double[] {FrechetDistance.between(a, b)}, file.doubles("frechet"));
    List<Check> checks = new ArrayList<>();
    checks.add(moments.check(set, "moments", MOMENTS_TOLERANCE));
    checks.add(frechet.check(set, "frechet", FRECHET_TOLERANCE));
    FeatureRows rowsA = rows("features_a", file);
    FeatureRows rowsB = rows("features_b", file);
    if (file.names().contains("kid_full_subset")) {
      checks.add(kernelDistance(set, rowsA, rowsB, file));
    }
    if (file.names().contains("precision_recall_b_against_a")) {
      checks.add(precisionRecall(set, rowsA, rowsB, file));
    }
    if (file.names().contains("inception_score_10_splits")) {
      checks.add(inceptionScore(set, file));
    }
    return checks;
  }

  /** One subset: the first rows of each, as many as the smaller set has. */
  private static Check kernelDistance(String set, FeatureRows a, FeatureRows b, Safetensors file) {
    int n = Math.min(a.count(), b.count());
    double ours = KernelDistance.estimate(first(a, n), first(b, n), 0).value();
    MaxRelativeError error = new MaxRelativeError();
    error.add("kid_full_subset", new double[] {ours}, file.doubles("kid_full_subset"));
    return error.check(set, "kid", KID_TOLERANCE);
  }

  /** Counts divided in float32, as the values here are rounded to it. */
  private static Check precisionRecall(String set, FeatureRows a, FeatureRows b, Safetensors file) {
    SupportComparison comparison =
        SupportComparison.of(Neighbourhoods.of(b, SupportComparison.DENSITY_NEIGHBOUR), a);
    MaxRelativeError error = new MaxRelativeError();
    error.add(
        "precision_recall_b_against_a",
        new double[] {(float) comparison.precision(), (float) comparison.recall()},
        file.doubles("precision_recall_b_against_a"));
    return error.check(set, "precision_recall", 0);
  }

  private static Check inceptionScore(String set, Safetensors file) {
    InceptionScore score = InceptionScore.of(rows("logits", file));
    MaxRelativeError error = new MaxRelativeError();
    error.add(
        "inception_score_10_splits",
        new double[] {score.value(), score.standardDeviation()},
        file.doubles("inception_score_10_splits"));
    return error.check(set, "inception_score", INCEPTION_SCORE_TOLERANCE);
  }

  private static FeatureRows rows(String name, Safetensors file) {
    return FeatureRows.of(file.floats(name), Math.toIntExact(file.shape(name)[1]));
  }

  private static FeatureRows first(FeatureRows rows, int n) {
    FeatureRows first = new FeatureRows(rows.dimensions());
    double[] vector = new double[rows.dimensions()];
    float[] narrow = new float[rows.dimensions()];
    for (int row = 0; row < n; row++) {
      rows.copy(row, vector, 0);
      for (int i = 0; i < narrow.length; i++) {
        narrow[i] = (float) vector[i];
      }
      first.add(narrow, 1);
    }
    return first;
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
