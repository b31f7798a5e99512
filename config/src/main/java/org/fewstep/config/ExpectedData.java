package org.fewstep.config;

import java.util.OptionalInt;

/**
 * What the images must be, where a preset is made for data that its user brings: other images are
 * refused, and a dry run knows the network before the data are there. Each may be left open.
 *
 * @param channels of an image or a latent
 * @param size pixels a side
 * @param classes of the labels
 */
public record ExpectedData(OptionalInt channels, OptionalInt size, OptionalInt classes) {
  public ExpectedData {
    channels.ifPresent(value -> Check.between("channels", value, 1, 1024));
    size.ifPresent(value -> Check.between("size", value, 1, 65536));
    classes.ifPresent(value -> Check.between("classes", value, 1, 1_000_000));
  }

  /** Whether it says what the network must be made for. */
  public boolean shapeIsKnown() {
    return channels.isPresent() && size.isPresent();
  }

  /** {@code images of 3x32x32} or {@code images of 4x32x32 in 1000 classes}. */
  public String describe() {
    String shape = "images of %s".formatted(open(channels) + "x" + open(size) + "x" + open(size));
    return classes.isPresent() ? shape + " in " + classes.getAsInt() + " classes" : shape;
  }

  private static String open(OptionalInt value) {
    return value.isPresent() ? String.valueOf(value.getAsInt()) : "?";
  }

  /**
   * Refuses other data.
   *
   * @param where what the user named them with
   * @param foundClasses 0 for none
   * @throws UserException naming what differs
   */
  public void check(String where, int foundChannels, int foundSize, int foundClasses) {
    check("channels", channels, where, foundChannels);
    check("size", size, where, foundSize);
    check("classes", classes, where, foundClasses);
  }

  private static void check(String key, OptionalInt expected, String where, int found) {
    if (expected.isPresent() && expected.getAsInt() != found) {
      throw new UserException(
          "data.expected.%s is %d, but that of data.path = %s is %d"
              .formatted(key, expected.getAsInt(), where, found));
    }
  }
}
