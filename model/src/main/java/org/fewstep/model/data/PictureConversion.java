package org.fewstep.model.data;

import java.nio.file.Path;
import java.util.function.IntConsumer;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Png.Pixels;
import org.jspecify.annotations.Nullable;

/** Makes a data set of one size and one number of channels from pictures, one at a time. */
public final class PictureConversion {
  private final PictureSource source;
  private final @Nullable Integer size;
  private final Crop crop;
  private final int channels;
  private @Nullable ImageShape shape;

  /**
   * Looks through the pictures for one that is not grey: if there is one, all become coloured.
   *
   * @param size pixels a side; null to leave all pictures as they are
   * @throws UserException if a picture on the way has no usable header
   */
  public PictureConversion(PictureSource source, @Nullable Integer size, Crop crop) {
    this.source = source;
    this.size = size;
    this.crop = crop;
    this.channels = source.allGrey() ? 1 : 3;
  }

  /**
   * Writes the data set ({@link ZipDatasetWriter}).
   *
   * @param written is told after each picture how many are written
   * @return the shape of all images
   * @throws UserException if a picture is damaged, or of another size where none is asked for; no
   *     file is left then
   */
  public ImageShape write(Path file, IntConsumer written) {
    shape = null;
    ZipDatasetWriter.write(source, this::picture, written, file);
    if (shape == null) {
      throw new IllegalStateException("a source has one picture at least");
    }
    return shape;
  }

  private Pixels picture(int index) {
    Pixels read = source.read(index);
    Pixels sized = size == null ? read : crop.apply(read, size);
    ImageShape its = new ImageShape(channels, sized.height(), sized.width());
    if (shape == null) {
      shape = its;
    } else if (!its.equals(shape)) {
      throw new UserException(
          "%s is %d x %d pixels while %s is %d x %d: give all one size, such as --size 32"
              .formatted(
                  source.where(index),
                  its.width(),
                  its.height(),
                  source.where(0),
                  shape.width(),
                  shape.height()));
    }
    return PictureDataset.inChannels(sized, channels);
  }
}
