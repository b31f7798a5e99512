package org.fewstep.model.latent;

import java.nio.file.Path;
import java.util.Arrays;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.onnx.OnnxModel;

/**
 * The decoder of an autoencoder in an ONNX file: from the autoencoder's own latents [1,4,h,w] to
 * pictures [1,3,H,W] about [-1, 1], which are cut to 256 levels as the official samplers of EDM2
 * and IMM do: {@code (x/2 + 1/2) * 255}, clipped and truncated.
 */
public final class OnnxDecoder implements LatentView {
  private final Path file;
  private final OnnxModel model;
  private final OnnxModel.Port output;
  private final ImageShape latents;
  private final ImageShape pictures;

  private OnnxDecoder(Path file, OnnxModel model, ImageShape latents) {
    this.file = file;
    this.model = model;
    this.latents = latents;
    this.output = model.output(null);
    long[] made = run(new float[latents.size()]).shape();
    if (made.length != 4 || made[0] != 1 || (made[1] != 1 && made[1] != 3)) {
      throw new UserException(
          "%s makes %s of a latent, but a decoder makes a picture [1, 3, height, width]"
              .formatted(file, Arrays.toString(made)));
    }
    this.pictures = new ImageShape((int) made[1], (int) made[2], (int) made[3]);
  }

  /**
   * Opens a file.
   *
   * @param latents their shape, of four channels
   * @throws UserException if it is damaged, or does not take such latents to pictures
   */
  static OnnxDecoder open(Path file, ImageShape latents) {
    if (latents.channels() != LatentScale.CHANNELS) {
      throw new UserException(
          "only latents of %d channels can be decoded, but these are of %s"
              .formatted(LatentScale.CHANNELS, latents));
    }
    OnnxModel model = OnnxModel.open(file);
    try {
      return new OnnxDecoder(file, model, latents);
    } catch (UserException e) {
      model.close();
      throw e;
    }
  }

  private OnnxModel.Result run(float[] latent) {
    return model.run(
        latent, new long[] {1, latents.channels(), latents.height(), latents.width()}, output);
  }

  @Override
  public ImageShape pictures() {
    return pictures;
  }

  @Override
  public boolean decodes() {
    return true;
  }

  @Override
  public double[] pictures(double[] values, int count) {
    double[] decoded = new double[count * pictures.size()];
    float[] latent = new float[latents.size()];
    int plane = latents.height() * latents.width();
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < latent.length; j++) {
        latent[j] = (float) LatentScale.raw(values[i * latent.length + j], j / plane);
      }
      float[] picture = run(latent).values();
      if (picture.length != pictures.size()) {
        throw new UserException(
            "%s makes pictures of different sizes of latents of one".formatted(file));
      }
      for (int j = 0; j < picture.length; j++) {
        decoded[i * picture.length + j] = level(picture[j]);
      }
    }
    return decoded;
  }

  /** NaN stays NaN, so that a score knows of it. */
  private static double level(float x) {
    return Float.isNaN(x)
        ? x
        : Math.floor(Math.max(0, Math.min(1, x * 0.5 + 0.5)) * 255) / 127.5 - 1;
  }

  @Override
  public void close() {
    model.close();
  }
}
