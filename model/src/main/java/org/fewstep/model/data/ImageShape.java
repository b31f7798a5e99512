package org.fewstep.model.data;

/** Channels, height and width of one image; images are stored row-major in this order (CHW). */
public record ImageShape(int channels, int height, int width) {
  public ImageShape {
    if (channels < 1 || height < 1 || width < 1) {
      throw new IllegalArgumentException(
          "an image needs at least one channel, row and column, not "
              + channels
              + "x"
              + height
              + "x"
              + width);
    }
  }

  /** Of a point in the plane, which data sets hold as an image too. */
  public static final ImageShape POINT = new ImageShape(2, 1, 1);

  /** Numbers in one image: D = C*H*W. */
  public int size() {
    return channels * height * width;
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
