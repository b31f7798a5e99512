package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.random.CounterRandom;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Inverted dropout: elements are zeroed with probability p and the others divided by 1 - p. The
 * mask is a function of the key and of the layer's position, so both branches of an objective,
 * given one key, drop the same elements.
 */
public final class Dropout {
  private static final int RESOLUTION_BITS = 16;

  private final double probability;
  private final int layer;
  private final Buffer output = new Buffer();
  private final Buffer masks = new Buffer();
  private @Nullable INDArray kept;
  private float[] drawn = new float[0];
  private @Nullable DropoutKey drawnFor;
  private boolean active;

  /**
   * @param layer position in the network, unique among its dropouts
   */
  public Dropout(double probability, int layer) {
    this.probability = probability;
    this.layer = layer;
  }

  /** Returns x itself where nothing is dropped. */
  public INDArray forward(INDArray x, @Nullable DropoutKey key) {
    active = key != null && probability > 0;
    if (!active || key == null) {
      return x;
    }
    if (!key.equals(drawnFor) || drawn.length != x.length()) {
      draw(key, Math.toIntExact(x.length()), x.length() / x.size(0));
      kept = masks.of(x.dataType(), x.shape());
      keepDrawn(kept);
      drawnFor = key;
    }
    return x.muli(Saved.of(kept), output.of(x.dataType(), x.shape()));
  }

  /** Masks are drawn anew at each step, so none of it may make an array. */
  private void keepDrawn(INDArray mask) {
    if (Kernels.fastest(mask.dataType()) != Kernels.FUSED) {
      mask.assign(Nd4j.createFromArray(drawn).reshape('c', mask.shape()));
    } else if (ChannelBlocks.are(mask)) {
      keepBlocks(mask);
    } else {
      NativeMemory.buffer(mask).put(0, drawn);
    }
  }

  private void keepBlocks(INDArray mask) {
    FloatBuffer to = NativeMemory.buffer(mask);
    int width = ChannelBlocks.WIDTH;
    int pixels = Math.toIntExact(mask.size(2) * mask.size(3));
    float[] block = Scratch.first(width * pixels);
    for (int start = 0; start < drawn.length; start += width * pixels) {
      for (int c = 0; c < width; c++) {
        int plane = start + c * pixels;
        for (int pixel = 0; pixel < pixels; pixel++) {
          block[pixel * width + c] = drawn[plane + pixel];
        }
      }
      to.put(start, block, 0, width * pixels);
    }
  }

  /** Turns dy into d/dx and returns it. */
  public INDArray backward(INDArray dy) {
    return active ? dy.muli(Saved.of(kept)) : dy;
  }

  /** Two decisions from each 32-bit draw: p is resolved to 2^-16. */
  private void draw(DropoutKey key, int length, long perImage) {
    if (drawn.length != length) {
      drawn = new float[length];
    }
    CounterRandom random = key.stream(layer);
    int threshold = (int) Math.round(probability * (1 << RESOLUTION_BITS));
    float scale = (float) (1 / (1 - probability));
    long before = key.first() * perImage;
    random.skip(before / 2);
    int odd = (int) (before & 1);
    int bits = odd == 0 ? 0 : random.nextInt();
    for (int i = 0; i < length; i++) {
      bits = (i & 1) == odd ? random.nextInt() : bits >>> RESOLUTION_BITS;
      drawn[i] = (bits & ((1 << RESOLUTION_BITS) - 1)) < threshold ? 0 : scale;
    }
  }

  /** Counts the memory of forward with a key and of backward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long... x) {
    if (probability == 0 || !memory.backward()) {
      return x;
    }
    memory.keep(x);
    memory.keepOnHeap(StepMemory.bytes(x));
    return memory.keep(x);
  }
}
