package org.fewstep.deploy.train;

import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.GaussianBlur;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.References;
import org.fewstep.model.metrics.ScoreBaselines;
import org.fewstep.model.metrics.Statistics;
import org.fewstep.model.run.Evaluation;

/** Opens what samples are compared with. */
public final class Scorings {
  private static final int MIN_HELD_OUT = 2;

  private Scorings() {}

  /**
   * Feature network, reference and held-out images by the names that a user gives them. Closing the
   * network is up to the caller.
   *
   * @param heldOut data set, or {@link EvaluationConfig#NONE}
   * @param shape of the samples
   * @throws UserException if there is no such thing, or they do not fit together
   */
  public static Evaluation.Scoring open(
      String features, String reference, String heldOut, ImageShape shape) {
    FeatureNetwork network = FeatureNetworks.open(features);
    if (!network.input().equals(shape)) {
      throw new UserException(
          "the feature network %s takes images of %s, but the model draws %s"
              .formatted(features, network.input(), shape));
    }
    Statistics statistics = References.open(reference, network);
    if (heldOut.equals(EvaluationConfig.NONE)) {
      return new Evaluation.Scoring(network, reference, statistics, null);
    }
    ImageDataset real = Datasets.open(heldOut);
    if (!real.shape().equals(shape) || real.count() < MIN_HELD_OUT) {
      throw new UserException(
          "the held-out images must be at least %d of %s, but %s has %d of %s"
              .formatted(MIN_HELD_OUT, shape, heldOut, real.count(), real.shape()));
    }
    GaussianBlur blur = new GaussianBlur(ScoreBaselines.BLUR_SIGMA_PIXELS);
    return new Evaluation.Scoring(
        network,
        reference,
        statistics,
        new ScoreBaselines(network, statistics, real, image -> blur.apply(image, shape)));
  }
}
