package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.fewstep.model.checkpoint.ModelSource;
import org.fewstep.model.data.ToyWorld;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.sampler.SampleSource;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;

/**
 * How far the first two moments of a distilled student's samples lie from those of the toy worlds'
 * Gaussian mixture, which are known.
 *
 * @param mean length of the mean over a coordinate's standard deviation
 * @param covariance Frobenius norm of the difference of the covariances over that of the truth
 */
public record MixtureMoments(double mean, double covariance) {
  private static final int SAMPLES = 100_000;
  private static final int BATCH = 2000;

  /** Draws from the first EMA track of a run's newest checkpoint. */
  public static MixtureMoments of(Path run, int steps) {
    ModelSource source = ModelSource.open(run, null);
    double[] sum = new double[2];
    double[] squares = new double[3];
    try (StepModel model = source.model()) {
      SampleSource samples =
          new SampleSource(
              model,
              source.spec(),
              new SampleSource.Plan(
                  Sampler.ANCESTRAL, TimeGrid.UNIFORM, 1, OptionalInt.empty(), 0));
      for (int first = 0; first < SAMPLES; first += BATCH) {
        double[] points = samples.draw(steps, first, BATCH);
        for (int i = 0; i < points.length; i += 2) {
          sum[0] += points[i];
          sum[1] += points[i + 1];
          squares[0] += points[i] * points[i];
          squares[1] += points[i + 1] * points[i + 1];
          squares[2] += points[i] * points[i + 1];
        }
      }
    }
    double x = sum[0] / SAMPLES;
    double y = sum[1] / SAMPLES;
    double variance = ToyWorld.mixtureVariance();
    double ofX = squares[0] / SAMPLES - x * x - variance;
    double ofY = squares[1] / SAMPLES - y * y - variance;
    double ofBoth = squares[2] / SAMPLES - x * y;
    return new MixtureMoments(
        Math.hypot(x, y) / Math.sqrt(variance),
        Math.sqrt(ofX * ofX + ofY * ofY + 2 * ofBoth * ofBoth) / (variance * Math.sqrt(2)));
  }

  /** The larger of both. */
  public double largest() {
    return Math.max(mean, covariance);
  }
}
