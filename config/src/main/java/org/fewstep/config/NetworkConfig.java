package org.fewstep.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** The network to train; {@code network.kind} names the permitted record, in lower case. */
public sealed interface NetworkConfig {

  /** How a time becomes a vector: fixed sinusoids, or random frequencies drawn once. */
  enum Embedding {
    POSITIONAL,
    FOURIER
  }

  /**
   * A U-Net of the DDPM++ family (Song et al., "Score-based generative modeling through SDEs",
   * 2021; in the layout of Karras et al., "Elucidating the design space of diffusion-based
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
      int augmentDim)
      implements NetworkConfig {
    private static final int MAX_LEVELS = 16;
    private static final int MAX_NORM_GROUPS = 32;
    private static final int MIN_CHANNELS_PER_NORM_GROUP = 4;

    public UNet {
      channelMult = List.copyOf(channelMult);
      attentionResolutions = List.copyOf(attentionResolutions);
      Check.between("channels", channels, 4, 8192);
      Check.notEmpty("channel-mult", channelMult);
      if (channelMult.size() > MAX_LEVELS) {
        throw new InvalidSetting(
            "channel-mult",
            "must list at most " + MAX_LEVELS + " levels, but lists " + channelMult.size());
      }
      Check.eachBetween("channel-mult", channelMult, 1, 64);
      Check.between("blocks", blocks, 1, 1000);
      Check.eachBetween("attention-resolutions", attentionResolutions, 1, Integer.MAX_VALUE);
      Check.distinct("attention-resolutions", attentionResolutions);
      Check.fractionBelowOne("dropout", dropout);
      Check.between("channel-mult-emb", channelMultEmb, 1, 64);
      Check.between("channel-mult-noise", channelMultNoise, 1, 64);
      Check.atLeast("augment-dim", augmentDim, 0);
      if (channels * channelMultNoise % 2 != 0) {
        throw new InvalidSetting(
            "channels", "must be even, because sines and cosines share them, but is " + channels);
      }
      for (int width : normalisedWidths(channels, channelMult, blocks)) {
        int groups = Math.min(MAX_NORM_GROUPS, width / MIN_CHANNELS_PER_NORM_GROUP);
        if (width % groups != 0) {
          throw new InvalidSetting(
              "channels",
              "gives a layer of "
                  + width
                  + " channels, which cannot be split into "
                  + groups
                  + " groups to normalise; use a multiple of "
                  + MAX_NORM_GROUPS);
        }
      }
    }

    /**
     * Whether images of this size (pixels a side) can pass: every level must halve the one before,
     * and attention must sit at sizes that some level has.
     *
     * @throws UserException when they cannot
     */
    public void checkFits(int imageSize) {
      int halvings = channelMult.size() - 1;
      int factor = 1 << halvings;
      if (imageSize % factor != 0) {
        throw new UserException(
            "network.channel-mult has "
                + channelMult.size()
                + " levels, which need an image size that is a multiple of "
                + factor
                + ", but the images are "
                + imageSize
                + " pixels a side");
      }
      var reached = new ArrayList<Integer>();
      for (int level = 0; level <= halvings; level++) {
        reached.add(imageSize >> level);
      }
      for (int resolution : attentionResolutions) {
        if (!reached.contains(resolution)) {
          throw new UserException(
              "network.attention-resolutions names "
                  + resolution
                  + ", but with images of "
                  + imageSize
                  + " pixels a side the network works at "
                  + String.join(", ", reached.stream().map(String::valueOf).toList()));
        }
      }
    }

    /** The widths that a normalisation sees, skip connections included. */
    private static Iterable<Integer> normalisedWidths(
        int channels, List<Integer> channelMult, int blocks) {
      var seen = new TreeSet<Integer>();
      var skips = new ArrayDeque<Integer>();
      int width = channels;
      skips.push(width);
      for (int level = 0; level < channelMult.size(); level++) {
        seen.add(width);
        if (level > 0) {
          skips.push(width);
        }
        width = channels * channelMult.get(level);
        seen.add(width);
        for (int block = 0; block < blocks; block++) {
          skips.push(width);
        }
      }
      for (int level = channelMult.size() - 1; level >= 0; level--) {
        for (int block = 0; block <= blocks; block++) {
          seen.add(width + skips.pop());
          width = channels * channelMult.get(level);
        }
        seen.add(width);
      }
      return seen;
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
    }
  }
}
