package org.fewstep.model.metrics.onnx;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.PixelScale;
import org.fewstep.model.io.Png.Pixels;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.Moments;
import org.fewstep.model.onnx.OnnxModel;
import org.jspecify.annotations.Nullable;

/**
 * Any network in an ONNX file that turns images [N,3,H,W] (or [N,H,W,3], or with one channel) into
 * feature vectors [N,d]. It is named after its file, the file's checksum and how images are
 * prepared for it. It always sees the same number of images at once, so that an image's features do
 * not depend on how many come with it. An instance belongs to one thread.
 */
public final class OnnxFeatures implements FeatureNetwork {
  private static final int HASH_DIGITS = 8;
  private static final int BATCH_IMAGES = 8;
  private static final int MAX_SIZE = 4096;

  /** Values of all images that the network sees at once: 1 GiB. */
  private static final long MAX_BATCH_VALUES = 1L << 28;

  /**
   * How images are prepared, and which output is taken.
   *
   * @param size pixels a side; 0 for what the file says, or else the images' own
   * @param output null for the only one
   */
  public record Settings(int size, Resize resize, PixelRange range, @Nullable String output) {
    public Settings {
      if (size < 0 || size > MAX_SIZE) {
        throw new UserException(
            "the feature network's size must be from 1 to %d, but is %d".formatted(MAX_SIZE, size));
      }
    }
  }

  private final OnnxModel model;
  private final OnnxModel.Port output;
  private final ImageShape shape;
  private final PixelRange range;
  private final Resize resize;
  private final boolean channelsLast;
  private final int channels;
  private final int size;
  private final int batchImages;
  private final String name;
  private final String description;
  private final int dimensions;

  private OnnxFeatures(Path file, OnnxModel model, Settings settings, ImageShape shape) {
    this.model = model;
    this.shape = shape;
    this.range = settings.range();
    this.resize = settings.resize();
    this.output = model.output(settings.output());
    long[] input = model.input().shape();
    if (input.length != 4) {
      throw refused(file, "takes an input of %s".formatted(model.input().words()));
    }
    this.channelsLast = !isChannels(input[1]) && isChannels(input[3]);
    long declared = channelsLast ? input[3] : input[1];
    this.channels = declared < 0 ? 3 : (int) declared;
    if (!isChannels(channels) || (shape.channels() != 1 && shape.channels() != channels)) {
      throw new UserException(
          "%s takes images of %d channels, but these are of %s".formatted(file, channels, shape));
    }
    if (range == PixelRange.IMAGENET && channels != 3) {
      throw new UserException(
          "%s takes grey images, which range=imagenet has no mean for".formatted(file));
    }
    this.size = size(file, settings.size(), channelsLast ? 1 : 2);
    this.batchImages = batchImages(file, input[0]);
    String sha256 = Sha256.ofFile(file);
    this.name = name(file, sha256, settings.output());
    this.description =
        "%s: a network of %s, SHA-256 %s; its scores compare with those of the same name only"
            .formatted(file, file.getFileName(), sha256);
    this.dimensions = probe(file);
  }

  /**
   * Opens a file for square images of one shape.
   *
   * @throws UserException if it is damaged, or does not take such images to vectors
   */
  public static OnnxFeatures open(Path file, Settings settings, ImageShape shape) {
    OnnxModel model = OnnxModel.open(file);
    try {
      return new OnnxFeatures(file, model, settings, shape);
    } catch (UserException e) {
      model.close();
      throw e;
    }
  }

  private static boolean isChannels(long extent) {
    return extent == 1 || extent == 3;
  }

  private static UserException refused(Path file, String what) {
    return new UserException(
        "%s %s, but a feature network takes [images, channels, height, width] to [images, features]"
            .formatted(file, what));
  }

  /** What the user says, or the file, or the images. */
  private int size(Path file, int given, int axis) {
    long[] input = model.input().shape();
    long fixed = input[axis];
    if (fixed != input[axis + 1]) {
      throw refused(file, "takes an input of %s".formatted(model.input().words()));
    }
    if (given > 0 && fixed > 0 && given != fixed) {
      throw new UserException(
          "%s takes images of %d pixels a side, but size=%d is given"
              .formatted(file, fixed, given));
    }
    return given > 0 ? given : fixed > 0 ? (int) Math.min(fixed, MAX_SIZE) : shape.width();
  }

  /** What the file says, or some. */
  private int batchImages(Path file, long declared) {
    long images = declared < 0 ? BATCH_IMAGES : Math.max(1, declared);
    long each = (long) channels * size * size;
    if (images > MAX_BATCH_VALUES / each) {
      throw new UserException(
          "%s would see %d images of %d pixels a side at once, which takes more than %d MiB; choose a smaller size"
              .formatted(file, images, size, MAX_BATCH_VALUES * Float.BYTES >> 20));
    }
    return (int) images;
  }

  private String name(Path file, String sha256, @Nullable String chosen) {
    String stem = String.valueOf(file.getFileName());
    stem = stem.substring(0, stem.length() - ".onnx".length()).toLowerCase(Locale.ROOT);
    String way =
        resizes() ? "%d-%s-%s".formatted(size, resize.label(), range.label()) : range.label();
    return "%s@%s%s/%s"
        .formatted(
            stem,
            sha256.substring(0, HASH_DIGITS),
            chosen != null && model.hasSeveralOutputs() ? ":" + chosen : "",
            way);
  }

  private boolean resizes() {
    return shape.width() != size || shape.height() != size;
  }

  /** Computes once, which tells the length of a feature vector and that all fits. */
  private int probe(Path file) {
    OnnxModel.Result result = run(new float[batchImages * channels * size * size]);
    long[] made = result.shape();
    long features = made.length < 2 ? 0 : made[1];
    if (features < 1
        || made[0] != batchImages
        || Arrays.stream(made).skip(2).anyMatch(extent -> extent != 1)) {
      throw refused(
          file,
          "makes %s of %d images in its output %s"
              .formatted(Arrays.toString(made), batchImages, output.name()));
    }
    if (features > Moments.MAX_DIMENSIONS) {
      throw new UserException(
          "%s makes %d features of an image in its output %s, but scores take at most %d"
              .formatted(file, features, output.name(), Moments.MAX_DIMENSIONS));
    }
    return (int) features;
  }

  private OnnxModel.Result run(float[] values) {
    long[] input =
        channelsLast
            ? new long[] {batchImages, size, size, channels}
            : new long[] {batchImages, channels, size, size};
    return model.run(values, input, output);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int dimensions() {
    return dimensions;
  }

  @Override
  public ImageShape input() {
    return shape;
  }

  @Override
  public float[] features(double[] images, int count) {
    float[] features = new float[count * dimensions];
    float[] batch = new float[batchImages * channels * size * size];
    for (int start = 0; start < count; start += batchImages) {
      int n = Math.min(batchImages, count - start);
      for (int i = 0; i < n; i++) {
        prepare(images, (start + i) * shape.size(), batch, i * channels * size * size);
      }
      float[] made = run(batch).values();
      System.arraycopy(made, 0, features, start * dimensions, n * dimensions);
    }
    return features;
  }

  private void prepare(double[] images, int from, float[] target, int to) {
    byte[] levels = new byte[shape.size()];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = PixelScale.toPixel(images[from + i]);
    }
    Pixels pixels = new Pixels(shape.channels(), shape.height(), shape.width(), levels);
    byte[] sized = (resizes() ? resize.apply(pixels, size) : pixels).values();
    int plane = size * size;
    for (int c = 0; c < channels; c++) {
      int source = shape.channels() == 1 ? 0 : c * plane;
      for (int i = 0; i < plane; i++) {
        float value = range.of(sized[source + i] & 0xFF, c);
        target[to + (channelsLast ? i * channels + c : c * plane + i)] = value;
      }
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
