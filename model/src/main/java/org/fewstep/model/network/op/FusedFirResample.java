package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Resample} plane by plane, for float32 on the CPU: first along the columns, a whole row at
 * a time, then along each row.
 */
final class FusedFirResample implements Resample.Kernel {
  private final float[] taps;
  private final int padding;

  FusedFirResample(FirFilter filter) {
    this.taps = filter.taps();
    this.padding = filter.padding();
  }

  @Override
  public void down(INDArray x, INDArray y) {
    forEachPlane(x, y, this::down);
  }

  @Override
  public void up(INDArray x, INDArray y) {
    forEachPlane(x, y, this::up);
  }

  private void down(float[] from, int height, int width, float[] to, int toHeight, int toWidth) {
    float[] row = new float[width];
    for (int y = 0; y < toHeight; y++) {
      Arrays.fill(row, 0);
      for (int k = 0; k < taps.length; k++) {
        int source = 2 * y + k - padding;
        if (source >= 0 && source < height) {
          addScaled(taps[k], from, source * width, row, 0, width);
        }
      }
      for (int x = 0; x < toWidth; x++) {
        float sum = 0;
        for (int k = 0; k < taps.length; k++) {
          int source = 2 * x + k - padding;
          if (source >= 0 && source < width) {
            sum += taps[k] * row[source];
          }
        }
        to[y * toWidth + x] = sum;
      }
    }
  }

  private void up(float[] from, int height, int width, float[] to, int toHeight, int toWidth) {
    float[] tall = new float[toHeight * width];
    for (int y = 0; y < height; y++) {
      for (int k = 0; k < taps.length; k++) {
        int target = 2 * y + k - padding;
        if (target >= 0 && target < toHeight) {
          addScaled(2 * taps[k], from, y * width, tall, target * width, width);
        }
      }
    }
    Arrays.fill(to, 0);
    for (int y = 0; y < toHeight; y++) {
      for (int x = 0; x < width; x++) {
        float value = 2 * tall[y * width + x];
        for (int k = 0; k < taps.length; k++) {
          int target = 2 * x + k - padding;
          if (target >= 0 && target < toWidth) {
            to[y * toWidth + target] += taps[k] * value;
          }
        }
      }
    }
  }

  private static void addScaled(
      float factor, float[] from, int fromStart, float[] to, int toStart, int count) {
    for (int i = 0; i < count; i++) {
      to[toStart + i] += factor * from[fromStart + i];
    }
  }

  private interface PlaneKernel {
    void apply(float[] from, int height, int width, float[] to, int toHeight, int toWidth);
  }

  private static void forEachPlane(INDArray x, INDArray y, PlaneKernel kernel) {
    int height = Math.toIntExact(x.size(2));
    int width = Math.toIntExact(x.size(3));
    int toHeight = Math.toIntExact(y.size(2));
    int toWidth = Math.toIntExact(y.size(3));
    int channels = Math.toIntExact(x.size(1));
    FloatBuffer from = NativeMemory.buffer(x);
    FloatBuffer to = NativeMemory.buffer(y);
    Parallel.forRange(
        Math.toIntExact(x.size(0)),
        image -> {
          float[] plane = new float[height * width];
          float[] result = new float[toHeight * toWidth];
          for (int channel = 0; channel < channels; channel++) {
            int index = image * channels + channel;
            from.get(index * plane.length, plane);
            kernel.apply(plane, height, width, result, toHeight, toWidth);
            to.put(index * result.length, result);
          }
        });
  }
}
