package org.fewstep.model.data;

/**
 * What a data set holds, in numbers.
 *
 * @param imagesPerClass by class, of length 0 for a set without labels
 * @param mean of all pixels of a channel, in [-1, 1]
 * @param std standard deviation of all pixels of a channel, in [0, 1]
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of results, never compared
public record DatasetSummary(int[] imagesPerClass, double[] mean, double[] std) {

  /** Goes through all images once. */
  public static DatasetSummary of(ImageDataset dataset) {
    ImageShape shape = dataset.shape();
    int plane = shape.height() * shape.width();
    int[] imagesPerClass = new int[dataset.classes()];
    double[] sum = new double[shape.channels()];
    double[] squares = new double[shape.channels()];
    double[] image = new double[shape.size()];
    for (int i = 0; i < dataset.count(); i++) {
      if (imagesPerClass.length > 0) {
        imagesPerClass[dataset.label(i)]++;
      }
      dataset.read(i, image, 0);
      for (int d = 0; d < image.length; d++) {
        sum[d / plane] += image[d];
        squares[d / plane] += image[d] * image[d];
      }
    }
    double pixels = (double) dataset.count() * plane;
    for (int c = 0; c < sum.length; c++) {
      sum[c] /= pixels;
      squares[c] = Math.sqrt(Math.max(0, squares[c] / pixels - sum[c] * sum[c]));
    }
    return new DatasetSummary(imagesPerClass, sum, squares);
  }
}
