package org.fewstep.model.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.io.DType;
import org.fewstep.model.io.Npy;
import org.fewstep.model.io.ZipArchive;
import org.fewstep.model.latent.LatentScale;
import org.fewstep.model.random.CounterRandom;

/**
 * Latents of Stable Diffusion's autoencoder in the ZIP that the official tools of EDM2 and IMM
 * write: a .npy of floats for each image, the means of 4 channels and then their standard
 * deviations. An image is drawn from these anew each time it is seen and normalised as {@link
 * LatentScale} says; {@link #read} gives its mean.
 *
 * <p>A million latents have 40 GB: each is read from the archive when it is asked for, and the
 * fingerprint is made of the checksums of all arrays, which the archive's directory has.
 */
final class LatentDataset implements ImageDataset {
  private final ZipArchive zip;
  private final Path file;
  private final List<String> entries;
  private final ImageShape shape;
  private final int[] labels;
  private final int classes;
  private final String fingerprint;

  private LatentDataset(
      ZipArchive zip, Path file, List<String> entries, ImageShape shape, int[] labels) {
    this.zip = zip;
    this.file = file;
    this.entries = entries;
    this.shape = shape;
    this.labels = labels;
    this.classes = labels.length == 0 ? 0 : Arrays.stream(labels).max().getAsInt() + 1;
    this.fingerprint = computeFingerprint();
  }

  /**
   * Takes over an open archive.
   *
   * @param entries of the arrays, as the archive calls them, in order
   * @param labels one for each; empty for none
   * @throws UserException if the first array is no latent, or others have another size
   */
  static LatentDataset of(ZipArchive zip, Path file, List<String> entries, int[] labels) {
    String first = entries.get(0);
    long[] shape = zip.read(first, (content, where) -> Npy.read(content, where).shape());
    if (shape.length != 3 || shape[0] != 2 * LatentScale.CHANNELS || shape[1] < 1 || shape[2] < 1) {
      throw new UserException(
          ("%s has the shape %s; a latent needs (%d, height, width), the means of %d channels and"
                  + " then their standard deviations")
              .formatted(
                  ZipDataset.where(file, first),
                  Arrays.toString(shape),
                  2 * LatentScale.CHANNELS,
                  LatentScale.CHANNELS));
    }
    for (String entry : entries) {
      if (zip.size(entry) != zip.size(first)) {
        throw new UserException(
            "%s has %d bytes while %s has %d; all latents must have one size"
                .formatted(ZipDataset.where(file, entry), zip.size(entry), first, zip.size(first)));
      }
    }
    return new LatentDataset(
        zip,
        file,
        List.copyOf(entries),
        new ImageShape(LatentScale.CHANNELS, (int) shape[1], (int) shape[2]),
        labels.clone());
  }

  /** Whether an array's type is that of latents rather than of pixels. */
  static boolean isOfLatents(DType dtype) {
    return dtype == DType.F32 || dtype == DType.F64;
  }

  @Override
  public int count() {
    return entries.size();
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
    return labels.length == 0 ? -1 : labels[index];
  }

  @Override
  public void read(int index, double[] target, int offset) {
    double[] moments = moments(index);
    for (int i = 0; i < shape.size(); i++) {
      target[offset + i] = LatentScale.normalised(moments[i], channel(i));
    }
  }

  @Override
  public void draw(int index, CounterRandom random, double[] target, int offset) {
    double[] moments = moments(index);
    int size = shape.size();
    for (int i = 0; i < size; i++) {
      double raw = moments[i] + moments[size + i] * random.nextGaussian();
      target[offset + i] = LatentScale.normalised(raw, channel(i));
    }
  }

  private int channel(int position) {
    return position / (shape.height() * shape.width());
  }

  /** Means, then standard deviations. */
  private double[] moments(int index) {
    return zip.read(
        entries.get(index),
        (content, where) -> {
          var array = Npy.read(content, where);
          long[] expected = {2 * LatentScale.CHANNELS, shape.height(), shape.width()};
          double[] values = array.doubles();
          if (!isOfLatents(array.dtype()) || !Arrays.equals(array.shape(), expected)) {
            throw new UserException(
                "%s is %s of %s while the first latent of %s is float32 of %s; all must be alike"
                    .formatted(
                        where,
                        array.dtype(),
                        Arrays.toString(array.shape()),
                        file,
                        Arrays.toString(expected)));
          }
          for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i]) || (i >= shape.size() && values[i] < 0)) {
              throw new UserException(
                  "%s holds %s as a %s, which no latent has; encode the pictures again"
                      .formatted(
                          where, values[i], i < shape.size() ? "mean" : "standard deviation"));
            }
          }
          return values;
        });
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  private String computeFingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      ByteBuffer numbers =
          ByteBuffer.allocate(Integer.BYTES * (5 + entries.size() + labels.length));
      numbers.putInt(shape.channels()).putInt(shape.height()).putInt(shape.width());
      numbers.putInt(entries.size()).putInt(labels.length);
      entries.forEach(entry -> numbers.putInt((int) zip.checksum(entry)));
      Arrays.stream(labels).forEach(numbers::putInt);
      return HexFormat.of().formatHex(digest.digest(numbers.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
