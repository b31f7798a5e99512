package org.fewstep.model.latent;

/**
 * Between the latents of Stable Diffusion's autoencoder (8 times smaller, 4 channels) and those
 * that models see: each channel with mean 0 and standard deviation 1/2 over ImageNet at 256 pixels.
 * The constants are those of the official code of EDM2 and IMM; Stable Diffusion's own factor
 * 0.18215 is not part of them.
 */
public final class LatentScale {
  /** Channels of a latent. */
  public static final int CHANNELS = 4;

  private static final double TARGET_DEVIATION = 0.5;
  private static final double[] MEAN = {0.86488, -0.27787343, 0.21616915, 0.3738409};
  private static final double[] DEVIATION = {4.85503674, 5.31922414, 3.93725398, 3.9870003};

  private LatentScale() {}

  /** A number of the autoencoder's as a model sees it. */
  public static double normalised(double raw, int channel) {
    return (raw - MEAN[channel]) * (TARGET_DEVIATION / DEVIATION[channel]);
  }

  /** The way back. */
  public static double raw(double normalised, int channel) {
    return normalised * (DEVIATION[channel] / TARGET_DEVIATION) + MEAN[channel];
  }
}
