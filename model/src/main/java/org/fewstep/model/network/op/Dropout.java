package org.fewstep.model.network.op;

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
  private final Buffer inputGradient = new Buffer();
  private final Buffer masks = new Buffer();
  private final ChannelBlocks blocks = new ChannelBlocks();
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
      INDArray mask = Nd4j.createFromArray(drawn);
      if (ChannelBlocks.are(x)) {
        kept =
            blocks.of(
                mask.reshape('c', x.size(0), ChannelBlocks.channels(x), x.size(2), x.size(3)));
      } else {
        kept = masks.of(x.dataType(), x.shape()).assign(mask.reshape('c', x.shape()));
      }
      drawnFor = key;
    }
    return x.muli(Saved.of(kept), output.of(x.dataType(), x.shape()));
  }

  public INDArray backward(INDArray dy) {
    if (!active) {
      return dy;
    }
    return dy.muli(Saved.of(kept), inputGradient.of(dy.dataType(), dy.shape()));
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
}
