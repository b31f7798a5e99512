package org.fewstep.model.latent;

import java.nio.file.Path;
import org.fewstep.config.LatentConfig;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.jspecify.annotations.Nullable;

/** What makes pictures of latents. An instance belongs to one thread. */
public interface LatentView extends AutoCloseable {
  /** Shape of a picture. */
  ImageShape pictures();

  /** Whether these are the pictures that latents stand for, which can be scored. */
  boolean decodes();

  /**
   * Pictures of the first {@code count} latents.
   *
   * @param latents [count, D], as models see them
   * @return [count, pictures().size()] in [-1, 1], each CHW
   */
  double[] pictures(double[] latents, int count);

  @Override
  void close();

  /** Whether images of this shape are latents: pictures have 1 or 3 channels. */
  static boolean isOfLatents(ImageShape shape) {
    return shape.channels() != 1 && shape.channels() != 3 && !shape.equals(ImageShape.POINT);
  }

  /**
   * How to look at what a model of this shape draws.
   *
   * @param decoder ONNX file, or {@link LatentConfig#NONE} to show latents channel by channel
   * @param origin where the decoder was named, the beginning of the sentence that refuses it
   * @return null for pictures, which need nothing
   * @throws UserException if the decoder is unusable, or there are no latents
   */
  static @Nullable LatentView open(String decoder, ImageShape shape, String origin) {
    boolean none = decoder.equals(LatentConfig.NONE);
    if (!isOfLatents(shape)) {
      if (!none) {
        throw new UserException(
            "%s names a decoder of latents, but the model draws pictures of %s; leave it out"
                .formatted(origin, shape));
      }
      return null;
    }
    return none ? new ChannelTiles(shape) : OnnxDecoder.open(Path.of(decoder), shape);
  }
}
