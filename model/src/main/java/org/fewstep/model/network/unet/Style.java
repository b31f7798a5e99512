package org.fewstep.model.network.unet;

import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.op.GroupNormSilu;
import org.fewstep.model.network.op.LayerInitialiser;

/**
 * What tells the residual blocks of EDM's two families of U-Nets apart.
 *
 * @param epsilon added to the variance in each GroupNorm
 * @param residualScale factor on each sum of a block and its skip
 * @param conditioning how the embedding enters the second GroupNorm
 * @param projectsResampled whether a skip that is resampled has weights, its width unchanged
 * @param layer of all layers but the next two
 * @param last of the layers that end a residual branch
 * @param qkv of attention's first layer
 */
record Style(
    double epsilon,
    double residualScale,
    GroupNormSilu.Conditioning conditioning,
    boolean projectsResampled,
    LayerInitialiser layer,
    LayerInitialiser last,
    LayerInitialiser qkv) {
  /** DDPM++ and NCSN++: a sum of two terms of unit variance is scaled to unit variance. */
  static final Style SONG =
      new Style(
          1e-6,
          Math.sqrt(0.5),
          GroupNormSilu.Conditioning.SHIFT,
          true,
          LayerInitialiser.weight(new Initialiser.XavierUniform(1)),
          LayerInitialiser.weight(new Initialiser.XavierUniform(1e-5)),
          LayerInitialiser.weight(new Initialiser.XavierUniform(Math.sqrt(0.2))));

  /** ADM. */
  static final Style ADM =
      new Style(
          1e-5,
          1,
          GroupNormSilu.Conditioning.SCALE_AND_SHIFT,
          false,
          LayerInitialiser.FAN_IN_UNIFORM,
          LayerInitialiser.ZERO,
          LayerInitialiser.FAN_IN_UNIFORM);

  GroupNormSilu.Form norm(int channels, GroupNormSilu.Conditioning conditioned) {
    return new GroupNormSilu.Form(channels, epsilon, true, conditioned);
  }

  /** Numbers of the embedding that a block of so many channels needs. */
  int conditionLength(int channels) {
    return conditioning == GroupNormSilu.Conditioning.SCALE_AND_SHIFT ? 2 * channels : channels;
  }
}
