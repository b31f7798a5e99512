package org.fewstep.model.data;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Png.Pixels;

/** Reads pictures of one size into memory. */
final class PictureDataset {
  private PictureDataset() {}

  /**
   * All pictures of a source, with 1 channel if all are grey, otherwise with 3.
   *
   * @param location what the user named the source with
   * @throws UserException if a picture is damaged, or its size is not that of the others
   */
  static MemoryDataset read(PictureSource source, String location) {
    int channels = source.allGrey() ? 1 : 3;
    List<byte[]> images = new ArrayList<>(source.count());
    ImageShape shape = null;
    for (int i = 0; i < source.count(); i++) {
      Pixels pixels = source.read(i);
      ImageShape its = new ImageShape(channels, pixels.height(), pixels.width());
      if (shape == null) {
        shape = its;
        MemoryDataset.checkFits(location, source.count(), shape);
      } else if (!its.equals(shape)) {
        throw new UserException(
            ("%s is %s pixels while %s is %s; all must have one size: make a data set of them by"
                    + " ./fewstep data convert %s --out FILE.zip --size 32")
                .formatted(source.where(i), size(its), source.where(0), size(shape), location));
      }
      images.add(inChannels(pixels, channels).values());
    }
    if (shape == null) {
      throw new IllegalArgumentException("a source has one picture at least");
    }
    int[] labels = new int[source.labelled() ? source.count() : 0];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = source.label(i);
    }
    return new MemoryDataset(shape, images, labels);
  }

  /** A grey picture with three equal channels, if three are wanted; any other as it is. */
  static Pixels inChannels(Pixels pixels, int channels) {
    if (pixels.channels() == channels) {
      return pixels;
    }
    if (pixels.channels() != 1 || channels != 3) {
      throw new IllegalArgumentException(pixels.channels() + " channels do not become " + channels);
    }
    int plane = pixels.values().length;
    byte[] values = new byte[3 * plane];
    for (int c = 0; c < 3; c++) {
      System.arraycopy(pixels.values(), 0, values, c * plane, plane);
    }
    return new Pixels(3, pixels.height(), pixels.width(), values);
  }

  private static String size(ImageShape shape) {
    return shape.width() + " x " + shape.height();
  }
}
