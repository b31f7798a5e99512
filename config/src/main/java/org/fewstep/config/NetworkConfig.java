package org.fewstep.config;

import java.util.List;

/** The network to train; {@code network.kind} names the permitted record, in lower case. */
public sealed interface NetworkConfig {

  /**
   * Whether images of this size (pixels a side) can pass.
   *
   * @throws UserException when they cannot
   */
  void checkFits(int imageSize);

  /** How a time becomes a vector: fixed sinusoids, or random frequencies drawn once. */
  enum Embedding {
    POSITIONAL,
    FOURIER
  }

  /** How the image enters the lower resolutions: through the blocks alone, or also beside them. */
  enum Encoder {
    STANDARD,
    RESIDUAL
  }

  /** What halves and doubles images: the mean of 2x2 pixels, or the taps [1, 3, 3, 1]. */
  enum ResampleFilter {
    BOX,
    FIR
  }

  /**
   * A U-Net of the DDPM++ and NCSN++ family (Song et al., "Score-based generative modeling through
   * SDEs", 2021; in the layout of Karras et al., "Elucidating the design space of diffusion-based
   * generative models", 2022).
   *
   * @param channels width of the first convolution, the unit of all other widths
   * @param channelMult width of each level in units of {@code channels}; each level after the first
   *     halves the image
   * @param blocks residual blocks per level on the way down (one more on the way up)
   * @param attentionResolutions image sizes (pixels a side) whose blocks attend
   * @param dropout probability inside each residual block
   * @param channelMultEmb width of the time embedding in units of {@code channels}
   * @param channelMultNoise width of the sinusoids in units of {@code channels}
   * @param embedding how times enter
   * @param encoder how the image enters the lower resolutions
   * @param resampleFilter what halves and doubles images
   * @param augmentDim numbers that describe an image's augmentation; 0 for none
   */
  record UNet(
      int channels,
      List<Integer> channelMult,
      int blocks,
      List<Integer> attentionResolutions,
      double dropout,
      int channelMultEmb,
      int channelMultNoise,
      Embedding embedding,
      Encoder encoder,
      ResampleFilter resampleFilter,
      int augmentDim)
      implements NetworkConfig {
    public UNet {
      channelMult = List.copyOf(channelMult);
      attentionResolutions = List.copyOf(attentionResolutions);
      Levels levels = new Levels(channels, channelMult, blocks, attentionResolutions);
      levels.check();
      Check.fractionBelowOne("dropout", dropout);
      Check.between("channel-mult-emb", channelMultEmb, 1, 64);
      Check.between("channel-mult-noise", channelMultNoise, 1, 64);
      Check.atLeast("augment-dim", augmentDim, 0);
      if (channels * channelMultNoise % 2 != 0) {
        throw new InvalidSetting(
            "channels", "must be even, because sines and cosines share them, but is " + channels);
      }
      levels.checkNorms(channels);
    }

    @Override
    public void checkFits(int imageSize) {
      new Levels(channels, channelMult, blocks, attentionResolutions).checkFits(imageSize);
    }
  }

  /**
   * ADM's U-Net (Dhariwal and Nichol, "Diffusion models beat GANs on image synthesis", 2021; in the
   * layout of Karras et al. 2022), with a head of attention for each 64 channels.
   *
   * @param channels the unit of all widths
   * @param channelMult width of each level in units of {@code channels}; each level after the first
   *     halves the image
   * @param blocks residual blocks per level on the way down (one more on the way up)
   * @param attentionResolutions image sizes (pixels a side) whose blocks attend
   * @param dropout probability inside each residual block
   * @param channelMultEmb width of the time embedding in units of {@code channels}
   * @param augmentDim numbers that describe an image's augmentation; 0 for none
   */
  record Adm(
      int channels,
      List<Integer> channelMult,
      int blocks,
      List<Integer> attentionResolutions,
      double dropout,
      int channelMultEmb,
      int augmentDim)
      implements NetworkConfig {
    public Adm {
      channelMult = List.copyOf(channelMult);
      attentionResolutions = List.copyOf(attentionResolutions);
      Levels levels = new Levels(channels, channelMult, blocks, attentionResolutions);
      levels.check();
      Check.fractionBelowOne("dropout", dropout);
      Check.between("channel-mult-emb", channelMultEmb, 1, 64);
      Check.atLeast("augment-dim", augmentDim, 0);
      if (channels % 2 != 0) {
        throw new InvalidSetting(
            "channels", "must be even, because sines and cosines share them, but is " + channels);
      }
      levels.checkNorms(channels * channelMult.get(0));
      for (int mult : channelMult) {
        int width = channels * mult;
        int heads = width / HEAD_CHANNELS;
        if (heads > 0 && width % heads != 0) {
          throw new InvalidSetting(
              "channels",
              "gives a layer of "
                  + width
                  + " channels, which "
                  + heads
                  + " heads of attention cannot share; use a multiple of "
                  + HEAD_CHANNELS);
        }
      }
    }

    private static final int HEAD_CHANNELS = 64;

    @Override
    public void checkFits(int imageSize) {
      new Levels(channels, channelMult, blocks, attentionResolutions).checkFits(imageSize);
    }
  }

  /**
   * A diffusion transformer (Peebles and Xie, "Scalable diffusion models with transformers", 2023).
   *
   * @param patchSize pixels a side of the squares that become tokens
   * @param hiddenSize width of a token, shared out evenly among the heads
   * @param depth blocks
   * @param heads heads of attention
   */
  record Dit(int patchSize, int hiddenSize, int depth, int heads) implements NetworkConfig {
    public Dit {
      Check.between("patch-size", patchSize, 1, 1024);
      Check.between("hidden-size", hiddenSize, 1, 65536);
      Check.between("depth", depth, 1, 1000);
      Check.between("heads", heads, 1, 1024);
      if (hiddenSize % heads != 0) {
        throw new InvalidSetting(
            "hidden-size", "must be a multiple of heads = " + heads + ", but is " + hiddenSize);
      }
      if (hiddenSize % 4 != 0) {
        throw new InvalidSetting(
            "hidden-size",
            "must be a multiple of 4, because sines and cosines of two coordinates share it, but is "
                + hiddenSize);
      }
    }

    @Override
    public void checkFits(int imageSize) {
      if (imageSize % patchSize != 0) {
        throw new UserException(
            "network.patch-size = "
                + patchSize
                + " does not divide the images, which are "
                + imageSize
                + " pixels a side");
      }
    }
  }

  /**
   * A residual perceptron for points and tiny images.
   *
   * @param hiddenSize width of all layers between
   * @param depth residual blocks
   */
  record Mlp(int hiddenSize, int depth) implements NetworkConfig {
    public Mlp {
      Check.between("hidden-size", hiddenSize, 1, 65536);
      Check.between("depth", depth, 1, 1000);
    }

    @Override
    public void checkFits(int imageSize) {
      // Takes any image as one vector.
    }
  }
}
