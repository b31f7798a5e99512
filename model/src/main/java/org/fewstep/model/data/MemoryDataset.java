package org.fewstep.model.data;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.fewstep.config.UserException;

/** Images held in memory as bytes, one array (CHW) each. Immutable. */
public final class MemoryDataset implements ImageDataset {
  private static final int UNLABELLED = -1;

  private final ImageShape shape;
  private final byte[][] images;
  private final int[] labels;
  private final int classes;
  private final String fingerprint;

  /**
   * Takes over the images without copying them.
   *
   * @param labels one per image, none negative; empty for a set without labels
   */
  MemoryDataset(ImageShape shape, List<byte[]> images, int[] labels) {
    this.shape = shape;
    this.images = images.toArray(byte[][]::new);
    this.labels = labels.clone();
    if (this.images.length == 0) {
      throw new IllegalArgumentException("a data set needs at least one image");
    }
    if (labels.length != 0 && labels.length != this.images.length) {
      throw new IllegalArgumentException(
          "%d labels for %d images".formatted(labels.length, this.images.length));
    }
    for (byte[] image : this.images) {
      if (image.length != shape.size()) {
        throw new IllegalArgumentException(
            "an image of %d bytes in a set of %s".formatted(image.length, shape));
      }
    }
    if (Arrays.stream(labels).anyMatch(label -> label < 0)) {
      throw new IllegalArgumentException("negative label");
    }
    this.classes = labels.length == 0 ? 0 : Arrays.stream(labels).max().getAsInt() + 1;
    this.fingerprint = computeFingerprint();
  }

  /**
   * Refuses, before anything is decoded, what cannot fit into memory.
   *
   * @param where what the user named the set with
   * @throws UserException if it would take more than nine tenths of Java's memory
   */
  static void checkFits(String where, long count, ImageShape shape) {
    long bytes = count * shape.size();
    long available = Runtime.getRuntime().maxMemory();
    if (bytes > available / 10 * 9) {
      throw new UserException(
          ("%s holds %d images of %s, %d MiB of pixels, which do not fit into Java's memory of %d"
                  + " MiB: choose a smaller size, or give Java more with FEWSTEP_JAVA_OPTS=-Xmx%dg")
              .formatted(
                  where, count, shape, bytes >> 20, available >> 20, (bytes / 10 * 13 >> 30) + 1));
    }
  }

  @Override
  public int count() {
    return images.length;
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public int classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return labels.length == 0 ? UNLABELLED : labels[index];
  }

  @Override
  public void read(int index, double[] target, int offset) {
    byte[] image = images[index];
    for (int i = 0; i < image.length; i++) {
      target[offset + i] = PixelScale.toUnit(image[i]);
    }
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  private String computeFingerprint() {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    digest.update(
        ints(shape.channels(), shape.height(), shape.width(), images.length, labels.length));
    for (byte[] image : images) {
      digest.update(image);
    }
    digest.update(ints(labels));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static byte[] ints(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * values.length);
    bytes.asIntBuffer().put(values);
    return bytes.array();
  }
}
