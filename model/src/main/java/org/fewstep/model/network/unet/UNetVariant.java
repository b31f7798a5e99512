package org.fewstep.model.network.unet;

import java.util.List;

/**
 * What tells NCSN++ from DDPM++ (Karras et al. 2022, table 1).
 *
 * @param resampleFilter taps of one dimension of the filter that halves and doubles images
 */
public record UNetVariant(Times times, Encoder encoder, List<Integer> resampleFilter) {
  /** How a time becomes a vector. */
  public enum Times {
    /** Fixed sinusoids. */
    POSITIONAL,
    /** Sinusoids of random frequencies, drawn once. */
    FOURIER
  }

  /** How the image enters the lower resolutions. */
  public enum Encoder {
    /** Through the blocks alone. */
    STANDARD,
    /** Also through a halving convolution per level, beside the blocks. */
    RESIDUAL
  }

  public static final UNetVariant DDPMPP =
      new UNetVariant(Times.POSITIONAL, Encoder.STANDARD, List.of(1, 1));
  public static final UNetVariant NCSNPP =
      new UNetVariant(Times.FOURIER, Encoder.RESIDUAL, List.of(1, 3, 3, 1));

  public UNetVariant {
    resampleFilter = List.copyOf(resampleFilter);
    if (resampleFilter.isEmpty() || resampleFilter.size() % 2 != 0) {
      throw new IllegalArgumentException(
          "a resampling filter has an even number of taps, not " + resampleFilter);
    }
    if (resampleFilter.stream().mapToInt(Integer::intValue).sum() <= 0) {
      throw new IllegalArgumentException(
          "the taps of a resampling filter sum up to more than 0, unlike " + resampleFilter);
    }
  }

  /** Whether images are halved and doubled by 2x2 pixels and enter through the blocks alone. */
  boolean isPlain() {
    return encoder == Encoder.STANDARD && resampleFilter.equals(DDPMPP.resampleFilter);
  }
}
