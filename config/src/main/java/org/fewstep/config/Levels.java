package org.fewstep.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The resolutions of a U-Net, as its settings give them.
 *
 * @param channels unit of all widths
 */
record Levels(
    int channels, List<Integer> channelMult, int blocks, List<Integer> attentionResolutions) {
  private static final int MAX_LEVELS = 16;
  private static final int MAX_NORM_GROUPS = 32;
  private static final int MIN_CHANNELS_PER_NORM_GROUP = 4;

  /** Refuses what is out of range whatever the images are. */
  void check() {
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
  }

  /**
   * Every normalisation must be able to form groups.
   *
   * @param first width of the first convolution
   */
  void checkNorms(int first) {
    for (int width : normalisedWidths(first)) {
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

  /** Every level must halve the one before, and attention must sit at sizes that some level has. */
  void checkFits(int imageSize) {
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
  private Iterable<Integer> normalisedWidths(int first) {
    var seen = new TreeSet<Integer>();
    var skips = new ArrayDeque<Integer>();
    int width = first;
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
