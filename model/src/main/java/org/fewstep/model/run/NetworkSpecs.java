package org.fewstep.model.run;

import java.util.List;
import org.fewstep.config.NetworkConfig;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.dit.DitSpec;
import org.fewstep.model.network.mlp.MlpSpec;
import org.fewstep.model.network.unet.AdmSpec;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.network.unet.UNetVariant;

/** From a network's settings to its architecture. */
final class NetworkSpecs {
  private NetworkSpecs() {}

  /**
   * @param shape that the settings were found to fit
   * @param classes 0 for none
   * @param secondTime whether the objective tells the network a second time
   */
  static NetworkSpec of(NetworkConfig network, ImageShape shape, int classes, boolean secondTime) {
    if (network instanceof NetworkConfig.UNet unet) {
      return new UNetSpec(
          shape,
          unet.channels(),
          unet.channelMult(),
          unet.channelMultEmb(),
          unet.channelMultNoise(),
          unet.blocks(),
          unet.attentionResolutions(),
          unet.dropout(),
          classes,
          unet.augmentDim(),
          secondTime,
          variant(unet));
    }
    if (network instanceof NetworkConfig.Adm adm) {
      return new AdmSpec(
          shape,
          adm.channels(),
          adm.channelMult(),
          adm.channelMultEmb(),
          adm.blocks(),
          adm.attentionResolutions(),
          adm.dropout(),
          classes,
          adm.augmentDim(),
          secondTime);
    }
    if (network instanceof NetworkConfig.Dit dit) {
      return new DitSpec(
          shape, dit.patchSize(), dit.hiddenSize(), dit.depth(), dit.heads(), classes, secondTime);
    }
    if (network instanceof NetworkConfig.Mlp mlp) {
      return new MlpSpec(shape, mlp.hiddenSize(), mlp.depth(), classes, secondTime);
    }
    throw new IllegalStateException("unknown network " + network);
  }

  private static UNetVariant variant(NetworkConfig.UNet unet) {
    return new UNetVariant(
        switch (unet.embedding()) {
          case POSITIONAL -> UNetVariant.Times.POSITIONAL;
          case FOURIER -> UNetVariant.Times.FOURIER;
        },
        switch (unet.encoder()) {
          case STANDARD -> UNetVariant.Encoder.STANDARD;
          case RESIDUAL -> UNetVariant.Encoder.RESIDUAL;
        },
        switch (unet.resampleFilter()) {
          case BOX -> List.of(1, 1);
          case FIR -> List.of(1, 3, 3, 1);
        });
  }
}
