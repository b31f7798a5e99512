package org.fewstep.model.data;

import java.util.List;
import org.fewstep.model.io.Png.Pixels;

/** The images of a data set that is read already, as pictures. */
record DatasetPictures(ImageDataset dataset, String location, List<String> classNames)
    implements PictureSource {
  @Override
  public int count() {
    return dataset.count();
  }

  @Override
  public boolean labelled() {
    return dataset.classes() > 0;
  }

  @Override
  public int label(int index) {
    return dataset.label(index);
  }

  @Override
  public String where(int index) {
    return "%s (image %d)".formatted(location, index);
  }

  @Override
  public boolean isGrey(int index) {
    return dataset.shape().channels() == 1;
  }

  @Override
  public Pixels read(int index) {
    ImageShape shape = dataset.shape();
    double[] image = new double[shape.size()];
    dataset.read(index, image, 0);
    byte[] values = new byte[image.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = PixelScale.toPixel(image[i]);
    }
    return new Pixels(shape.channels(), shape.height(), shape.width(), values);
  }
}
