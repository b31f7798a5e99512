package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Resample} with the filter [1,1], on [N,C,H,W] or {@link ChannelBlocks}. */
final class BoxResample implements Resample.Kernel {
  private static final int WIDTH = ChannelBlocks.WIDTH;

  @Override
  public void up(INDArray x, INDArray y) {
    if (ChannelBlocks.are(x)) {
      upBlocks(x, y);
      return;
    }
    Nd4j.exec(
        DynamicCustomOp.builder("upsampling2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(2, 2, 1)
            .build());
  }

  @Override
  public void down(INDArray x, INDArray y) {
    if (ChannelBlocks.are(x)) {
      downBlocks(x, y);
      return;
    }
    // Kernel, stride, padding, dilation, explicit padding, divisor of the window, NCHW.
    Nd4j.exec(
        DynamicCustomOp.builder("avgpool2d")
            .addInputs(x)
            .addOutputs(y)
            .addIntegerArguments(2, 2, 2, 2, 0, 0, 1, 1, 0, 0, 0)
            .build());
  }

  /** Each pixel twice, then each row twice. */
  private static void upBlocks(INDArray x, INDArray y) {
    int width = Math.toIntExact(x.size(3)) * WIDTH;
    FloatBuffer from = NativeMemory.buffer(x);
    FloatBuffer to = NativeMemory.buffer(y);
    Parallel.forRange(
        rows(x),
        row -> {
          float[] small = Scratch.first(width);
          float[] large = Scratch.second(2 * width);
          from.get(row * width, small, 0, width);
          for (int i = 0; i < width; i += WIDTH) {
            System.arraycopy(small, i, large, 2 * i, WIDTH);
            System.arraycopy(small, i, large, 2 * i + WIDTH, WIDTH);
          }
          to.put(4 * row * width, large, 0, 2 * width);
          to.put((4 * row + 2) * width, large, 0, 2 * width);
        });
  }

  /** The mean of two rows, then of each two pixels. */
  private static void downBlocks(INDArray x, INDArray y) {
    int width = Math.toIntExact(y.size(3)) * WIDTH;
    FloatBuffer from = NativeMemory.buffer(x);
    FloatBuffer to = NativeMemory.buffer(y);
    Parallel.forRange(
        rows(y),
        row -> {
          float[] large = Scratch.first(4 * width);
          float[] small = Scratch.second(width);
          from.get(4 * row * width, large, 0, 4 * width);
          for (int i = 0; i < 2 * width; i++) {
            large[i] += large[2 * width + i];
          }
          for (int i = 0; i < width; i += WIDTH) {
            for (int c = i; c < i + WIDTH; c++) {
              small[c] = 0.25f * (large[i + c] + large[i + c + WIDTH]);
            }
          }
          to.put(row * width, small, 0, width);
        });
  }

  private static int rows(INDArray x) {
    return Math.toIntExact(x.size(0) * x.size(1) * x.size(2));
  }
}
