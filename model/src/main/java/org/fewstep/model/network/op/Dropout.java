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
 * given one key, drop the same elements. It is kept as a bit for each element.
 */
public final class Dropout {
  private static final int RESOLUTION_BITS = 16;
  private static final int PIECE = 64 * Long.SIZE;

  private final double probability;
  private final int layer;
  private final Kernels kernels;
  private final float[] factors;
  private final Buffer masks = new Buffer();

  /** 1 for what is kept, in the order of memory; each image begins a word. */
  private long[] bits = new long[0];

  private int images;
  private int perImage;
  private int words;
  private @Nullable INDArray mask; // for ND4J's operations
  private @Nullable DropoutKey drawnFor;
  private boolean active;

  /**
   * @param layer position in the network, unique among its dropouts
   */
  public Dropout(double probability, int layer, Kernels kernels) {
    this.probability = probability;
    this.layer = layer;
    this.kernels = kernels;
    this.factors = new float[] {0, (float) (1 / (1 - probability))};
  }

  /** Drops elements of x itself, which lies in one piece in order 'c', and returns it. */
  public INDArray forward(INDArray x, @Nullable DropoutKey key) {
    active = key != null && probability > 0;
    if (active && key != null) {
      if (!key.equals(drawnFor) || (long) images * perImage != x.length()) {
        draw(key, x);
        drawnFor = key;
      }
      drop(x);
    }
    return x;
  }

  /** Turns dy into d/dx and returns it. */
  public INDArray backward(INDArray dy) {
    if (active) {
      drop(dy);
    }
    return dy;
  }

  private void drop(INDArray x) {
    if (kernels != Kernels.FUSED) {
      x.muli(Saved.of(mask));
      return;
    }
    FloatBuffer values = NativeMemory.buffer(x);
    int pieces = (perImage + PIECE - 1) / PIECE;
    Parallel.forRange(
        images * pieces, i -> drop(values, i / pieces, i % pieces * PIECE, Scratch.first(PIECE)));
  }

  private void drop(FloatBuffer values, int image, int start, float[] piece) {
    int length = Math.min(PIECE, perImage - start);
    int at = image * perImage + start;
    values.get(at, piece, 0, length);
    int word = image * words + start / Long.SIZE;
    for (int from = 0; from < length; from += Long.SIZE) {
      long kept = bits[word++];
      int to = Math.min(length, from + Long.SIZE);
      for (int i = from; i < to; i++) {
        piece[i] *= factors[(int) kept & 1];
        kept >>>= 1;
      }
    }
    values.put(at, piece, 0, length);
  }

  private void draw(DropoutKey key, INDArray x) {
    images = Math.toIntExact(x.size(0));
    perImage = Math.toIntExact(x.length() / images);
    words = (perImage + Long.SIZE - 1) / Long.SIZE;
    if (bits.length != images * words) {
      bits = new long[images * words];
    }
    Parallel.forRange(images, image -> draw(key, image, ChannelBlocks.are(x), pixels(x)));
    mask = kernels == Kernels.FUSED ? null : mask(x);
  }

  /**
   * Two decisions from each 32-bit draw: p is resolved to 2^-16. They are drawn in the order of
   * [N,C,H,W], whatever the layout.
   */
  private void draw(DropoutKey key, int image, boolean blocked, int pixels) {
    int first = image * words;
    for (int word = 0; word < words; word++) {
      bits[first + word] = 0;
    }
    CounterRandom random = key.stream(layer);
    int threshold = (int) Math.round(probability * (1 << RESOLUTION_BITS));
    long before = (key.first() + (long) image) * perImage;
    random.skip(before / 2);
    int odd = (int) (before & 1);
    int drawn = odd == 0 ? 0 : random.nextInt();
    int i = 0;
    for (int channel = 0; channel < perImage / pixels; channel++) {
      int block = channel / ChannelBlocks.WIDTH;
      int within = channel % ChannelBlocks.WIDTH;
      int place = blocked ? block * pixels * ChannelBlocks.WIDTH + within : channel * pixels;
      for (int pixel = 0; pixel < pixels; pixel++, i++) {
        drawn = (i & 1) == odd ? random.nextInt() : drawn >>> RESOLUTION_BITS;
        if ((drawn & ((1 << RESOLUTION_BITS) - 1)) >= threshold) {
          bits[first + place / Long.SIZE] |= 1L << place;
        }
        place += blocked ? ChannelBlocks.WIDTH : 1;
      }
    }
  }

  private static int pixels(INDArray x) {
    return x.rank() > 2 ? Math.toIntExact(x.size(2) * x.size(3)) : 1;
  }

  private INDArray mask(INDArray x) {
    float[] values = new float[images * perImage];
    for (int i = 0; i < values.length; i++) {
      int place = i % perImage;
      long word = bits[i / perImage * words + place / Long.SIZE];
      values[i] = factors[(int) (word >>> place) & 1];
    }
    return masks
        .of(x.dataType(), x.shape())
        .assign(Nd4j.createFromArray(values).reshape('c', x.shape()));
  }

  /** Counts the memory of forward with a key and of backward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long... x) {
    if (probability > 0 && memory.backward()) {
      memory.keepOnHeap(StepMemory.length(x) / Byte.SIZE);
    }
    return x;
  }
}
