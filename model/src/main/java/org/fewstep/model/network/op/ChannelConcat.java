package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Puts the channels of several images behind each other, forward only. */
public final class ChannelConcat {
  private final Buffer output = new Buffer();

  /**
   * The result is overwritten by the next call.
   *
   * @param parts [N,C_i,H,W], or all of them {@link ChannelBlocks}
   * @return [N, sum of C_i, H, W], in the same layout
   */
  public INDArray forward(INDArray... parts) {
    INDArray first = parts[0];
    if (Kernels.fastest(first.dataType()) != Kernels.FUSED) {
      return Nd4j.concat(1, parts);
    }
    long channels = 0;
    for (INDArray part : parts) {
      channels += ChannelBlocks.channels(part);
    }
    INDArray y = output.of(DataType.FLOAT, ChannelBlocks.shape(first, channels));
    FloatBuffer to = NativeMemory.buffer(y);
    int images = Math.toIntExact(first.size(0));
    int perImage = Math.toIntExact(y.length() / images);
    Parallel.forRange(images, image -> copy(image, images, parts, to, image * perImage));
    return y;
  }

  private static void copy(int image, int images, INDArray[] parts, FloatBuffer to, int start) {
    int at = start;
    for (INDArray part : parts) {
      int length = Math.toIntExact(part.length() / images);
      to.put(at, NativeMemory.buffer(part), image * length, length);
      at += length;
    }
  }
}
