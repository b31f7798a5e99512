package org.fewstep.model.optim;

/**
 * An exponential moving average of parameters whose half-life is counted in images, so that neither
 * the batch nor the number of trainers changes it (Karras et al., EDM, 2022):
 *
 * <pre>
 * halfLife = min(halfLifeImages, images * rampUpRatio)   (only with a ramp-up)
 * beta     = 0.5 ^ (deltaImages / max(halfLife, 1e-8))
 * ema      = beta * ema + (1 - beta) * parameters
 * </pre>
 *
 * <p>The ramp-up keeps the average from remembering the initial weights long. Belongs to one
 * thread.
 */
public final class EmaTrack {
  private static final double SHORTEST_HALF_LIFE_IMAGES = 1e-8;

  private final String name;
  private final double halfLifeImages;
  private final double rampUpRatio;
  private final float[] values;

  /**
   * A track that starts at the initial parameters, which are copied.
   *
   * @param halfLifeImages images after which a parameter's weight has halved; 0 follows the
   *     parameters themselves
   * @param rampUpRatio the half-life is at most this share of the images seen; 0 for no such limit
   */
  public EmaTrack(String name, double halfLifeImages, double rampUpRatio, float[] initial) {
    if (!(halfLifeImages >= 0) || !(rampUpRatio >= 0)) {
      throw new IllegalArgumentException(
          "track '%s': half-life %s and ramp-up %s cannot be negative"
              .formatted(name, halfLifeImages, rampUpRatio));
    }
    this.name = name;
    this.halfLifeImages = halfLifeImages;
    this.rampUpRatio = rampUpRatio;
    this.values = initial.clone();
  }

  /** A copy. */
  EmaTrack(EmaTrack other) {
    this(other.name, other.halfLifeImages, other.rampUpRatio, other.values);
  }

  public String name() {
    return name;
  }

  public double halfLifeImages() {
    return halfLifeImages;
  }

  public double rampUpRatio() {
    return rampUpRatio;
  }

  /**
   * Takes in the parameters after an update.
   *
   * @param imagesAfter images seen, those of the update included
   * @param deltaImages images of the update
   */
  public void advance(float[] parameters, long imagesAfter, long deltaImages) {
    Vectors.checkLength(name, values.length, parameters);
    if (deltaImages < 1 || imagesAfter < deltaImages) {
      throw new IllegalArgumentException(
          "an update of %d images cannot lead to %d images seen"
              .formatted(deltaImages, imagesAfter));
    }
    double halfLife =
        rampUpRatio > 0 ? Math.min(halfLifeImages, imagesAfter * rampUpRatio) : halfLifeImages;
    double beta = Math.pow(0.5, deltaImages / Math.max(halfLife, SHORTEST_HALF_LIFE_IMAGES));
    float[] ema = values;
    if (beta < 0.5) {
      float old = (float) beta;
      for (int i = 0; i < ema.length; i++) {
        ema[i] = parameters[i] + old * (ema[i] - parameters[i]);
      }
    } else {
      float fresh = (float) (1 - beta);
      for (int i = 0; i < ema.length; i++) {
        ema[i] += fresh * (parameters[i] - ema[i]);
      }
    }
  }

  /** A copy of the average. */
  public float[] values() {
    return values.clone();
  }

  /** Goes back to an earlier average, which is copied. */
  public void restore(float[] earlier) {
    Vectors.copy(name, earlier, values);
  }
}
