package org.fewstep.model.metrics.inception;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import org.fewstep.config.Choices;
import org.fewstep.model.data.ImageShape;

/**
 * How images of any size become what the network takes. Public tools differ here, and so do their
 * scores; the name is part of a score's name.
 */
public enum Preparation {
  /**
   * As the 2015 TensorFlow graph does inside, and with it the original FID, torch-fidelity, ADM,
   * EDM and StyleGAN: bilinear from position {@code i in / 299} without anti-aliasing, then {@code
   * (x - 128) / 128}.
   */
  TENSORFLOW,
  /**
   * As pytorch-fid: bilinear between pixel centres without anti-aliasing, then {@code x / 127.5 -
   * 1}.
   */
  PYTORCH_FID,
  /**
   * As clean-fid: bicubic with anti-aliasing, clipped and not rounded, then {@code (x - 128) /
   * 128}.
   */
  CLEAN_FID;

  private static final int CHANNELS = 3;

  /** Its name in a score and in the command. */
  public String label() {
    return Choices.nameOf(this);
  }

  /**
   * Prepares images; grey ones get three equal channels.
   *
   * @param levels pixels from 0 to 255, [count, C, H, W]
   * @param shape with 1 or 3 channels
   * @return [count, 3, 299, 299]
   */
  public float[] prepare(float[] levels, int count, ImageShape shape) {
    int size = CHANNELS * InceptionGraph.SIZE * InceptionGraph.SIZE;
    float[] prepared = new float[Math.multiplyExact(count, size)];
    for (int i = 0; i < count; i++) {
      float[] image = Arrays.copyOfRange(levels, i * shape.size(), (i + 1) * shape.size());
      prepare(image, shape, prepared, i * size);
    }
    return prepared;
  }

  /**
   * Prepares one image; a grey one gets three equal channels.
   *
   * @param levels pixels from 0 to 255, CHW
   * @param shape with 1 or 3 channels
   * @param target receives [3,299,299] from {@code offset} on
   */
  void prepare(float[] levels, ImageShape shape, float[] target, int offset) {
    int side = InceptionGraph.SIZE;
    AxisResampling across = axis(shape.width());
    AxisResampling down = axis(shape.height());
    int plane = side * side;
    float[] narrow = new float[shape.height() * side];
    for (int c = 0; c < shape.channels(); c++) {
      int start = c * shape.height() * shape.width();
      for (int y = 0; y < shape.height(); y++) {
        for (int x = 0; x < side; x++) {
          narrow[y * side + x] = (float) across.at(x, levels, start + y * shape.width(), 1);
        }
      }
      for (int x = 0; x < side; x++) {
        for (int y = 0; y < side; y++) {
          target[offset + c * plane + y * side + x] = scale(down.at(y, narrow, x, side));
        }
      }
    }
    for (int c = shape.channels(); c < CHANNELS; c++) {
      System.arraycopy(target, offset, target, offset + c * plane, plane);
    }
  }

  private AxisResampling axis(int from) {
    int to = InceptionGraph.SIZE;
    double ratio = from / (double) to;
    DoubleUnaryOperator corner = i -> i * ratio;
    DoubleUnaryOperator centre = i -> (i + 0.5) * ratio - 0.5;
    return switch (this) {
      case TENSORFLOW -> AxisResampling.linear(from, to, corner);
      case PYTORCH_FID -> AxisResampling.linear(from, to, centre);
      case CLEAN_FID -> AxisResampling.cubic(from, to);
    };
  }

  private float scale(double level) {
    return switch (this) {
      case TENSORFLOW -> (float) ((level - 128) / 128);
      case PYTORCH_FID -> (float) (level / 127.5 - 1);
      case CLEAN_FID -> (float) ((Math.max(0, Math.min(255, (float) level)) - 128) / 128);
    };
  }
}
