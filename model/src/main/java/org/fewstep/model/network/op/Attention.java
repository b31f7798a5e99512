package org.fewstep.model.network.op;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Self-attention over the pixels of [N,C,H,W] or {@link ChannelBlocks}, with its GroupNorm and its
 * residual: {@code (proj(attend(qkv(norm2(x)))) + x) * residualScale}.
 *
 * <p>As in the official layout of EDM's U-Nets, a head has C/heads neighbouring channels, output
 * channel 3c + {0,1,2} of {@code qkv} is {q,k,v} of channel c, and the logits are q^T k / sqrt(C /
 * heads), normalised over keys.
 */
public final class Attention {
  /**
   * What is computed.
   *
   * @param heads a divisor of {@code channels}
   * @param epsilon of the GroupNorm
   */
  public record Form(int channels, int heads, double epsilon, double residualScale) {
    public Form {
      if (heads < 1 || channels % heads != 0) {
        throw new IllegalArgumentException(
            "%d channels cannot be shared by %d heads".formatted(channels, heads));
      }
    }
  }

  private final int heads;
  private final int headChannels;
  private final double residualScale;
  private final GroupNormSilu norm;
  private final Conv2d qkv;
  private final Conv2d proj;
  private final Buffer[] parts = {new Buffer(), new Buffer(), new Buffer()};
  private final Buffer[] partGradients = {new Buffer(), new Buffer(), new Buffer()};
  private final Buffer logits = new Buffer();
  private final Buffer weights = new Buffer();
  private final Buffer weightGradient = new Buffer();
  private final Buffer logitGradient = new Buffer();
  private final Buffer attended = new Buffer();
  private final Buffer qkvGradient = new Buffer();
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;
  private final ChannelBlocks normalisedLayout = new ChannelBlocks();
  private final ChannelBlocks projectedLayout = new ChannelBlocks();
  private long @Nullable [] shape;

  /**
   * @param name what the names of its layers begin with
   */
  public Attention(
      String name, Form form, LayerInitialiser qkv, LayerInitialiser proj, Kernels kernels) {
    this(name, form, qkv, proj, kernels, new Buffer());
  }

  /**
   * @param name what the names of its layers begin with
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     results are not needed any more then
   */
  public Attention(
      String name,
      Form form,
      LayerInitialiser qkv,
      LayerInitialiser proj,
      Kernels kernels,
      Buffer inputGradient) {
    this.inputGradient = inputGradient;
    int channels = form.channels;
    this.heads = form.heads;
    this.headChannels = channels / heads;
    this.residualScale = form.residualScale;
    this.norm =
        new GroupNormSilu(
            name + "norm2",
            new GroupNormSilu.Form(channels, form.epsilon, false, GroupNormSilu.Conditioning.NONE),
            kernels);
    this.qkv = new Conv2d(name + "qkv", channels, 3 * channels, 1, qkv, kernels);
    this.proj = new Conv2d(name + "proj", channels, channels, 1, proj, kernels);
  }

  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(norm.parameters());
    all.addAll(qkv.parameters());
    all.addAll(proj.parameters());
    return all;
  }

  public INDArray forward(INDArray x) {
    INDArray normalised = norm.forward(x, null);
    boolean blocked = ChannelBlocks.are(x);
    INDArray projected = attend(blocked ? normalisedLayout.plain(normalised) : normalised);
    INDArray y =
        x.addi(
            blocked ? projectedLayout.of(projected) : projected,
            output.of(x.dataType(), x.shape()));
    return residualScale == 1 ? y : y.muli(residualScale);
  }

  private INDArray attend(INDArray x) {
    shape = x.shape();
    long n = x.size(0) * heads;
    long pixels = x.size(2) * x.size(3);
    INDArray mixed = qkv.forward(x).reshape('c', n, headChannels, 3, pixels);
    for (int i = 0; i < 3; i++) {
      part(i, x, n, pixels).assign(slice(mixed, i));
    }
    INDArray scores = logits.of(x.dataType(), n, pixels, pixels);
    ComposedLinear.matmul(part(0, x, n, pixels), part(1, x, n, pixels), scores, true, false);
    scores.muli(1 / Math.sqrt(headChannels));
    INDArray w = weights.of(x.dataType(), n, pixels, pixels);
    Nd4j.exec(DynamicCustomOp.builder("softmax").addInputs(scores).addOutputs(w).build());
    INDArray values = attended.of(x.dataType(), n, headChannels, pixels);
    ComposedLinear.matmul(part(2, x, n, pixels), w, values, false, true);
    return proj.forward(values.reshape('c', x.shape()));
  }

  public INDArray backward(INDArray dy) {
    INDArray scaled = dy.muli(residualScale, inputGradient.of(dy.dataType(), dy.shape()));
    boolean blocked = ChannelBlocks.are(dy);
    INDArray dNormalised = attendBackward(blocked ? projectedLayout.plain(scaled) : scaled);
    return scaled.addi(norm.backward(blocked ? normalisedLayout.of(dNormalised) : dNormalised));
  }

  private INDArray attendBackward(INDArray dy) {
    if (shape == null) {
      throw new IllegalStateException("backward was called before forward");
    }
    long n = shape[0] * heads;
    long pixels = shape[2] * shape[3];
    INDArray dValues = proj.backward(dy).reshape('c', n, headChannels, pixels);
    INDArray w = weights.of(dy.dataType(), n, pixels, pixels);
    INDArray dw = weightGradient.of(dy.dataType(), n, pixels, pixels);
    ComposedLinear.matmul(dValues, part(2, dy, n, pixels), dw, true, false);
    ComposedLinear.matmul(dValues, w, partGradient(2, dy, n, pixels), false, false);
    INDArray dLogits = logitGradient.of(dy.dataType(), n, pixels, pixels);
    softmaxBackward(w, dw, dLogits);
    dLogits.muli(1 / Math.sqrt(headChannels));
    ComposedLinear.matmul(
        part(1, dy, n, pixels), dLogits, partGradient(0, dy, n, pixels), false, true);
    ComposedLinear.matmul(
        part(0, dy, n, pixels), dLogits, partGradient(1, dy, n, pixels), false, false);
    INDArray dMixed =
        qkvGradient.of(dy.dataType(), shape[0], 3L * heads * headChannels, shape[2], shape[3]);
    INDArray view = dMixed.reshape('c', n, headChannels, 3, pixels);
    for (int i = 0; i < 3; i++) {
      slice(view, i).assign(partGradient(i, dy, n, pixels));
    }
    return qkv.backward(dMixed);
  }

  /** Counts the memory of forward and backward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long... x) {
    long[] plain = {x[0], (long) heads * headChannels, x[2], x[3]};
    long n = x[0] * heads;
    long pixels = x[2] * x[3];
    norm.countMemory(memory, null, x);
    if (ChannelBlocks.are(x)) {
      ChannelBlocks.countPlain(memory, x);
      ChannelBlocks.countBlocks(memory, plain);
      if (memory.backward()) {
        ChannelBlocks.countPlain(memory, x);
        ChannelBlocks.countBlocks(memory, plain);
      }
    }
    qkv.countMemory(memory, plain);
    proj.countMemory(memory, plain);
    for (int i = 0; i < parts.length; i++) {
      memory.keep(plain);
      memory.keepGradient(plain);
    }
    memory.keepGradient(plain[0], 3 * plain[1], plain[2], plain[3]);
    memory.keepGradient(inputGradient, x);
    memory.keep(plain);
    for (int i = 0; i < 2; i++) {
      memory.keep(n, pixels, pixels);
      memory.keepGradient(n, pixels, pixels);
    }
    return memory.keep(x);
  }

  /** {@code ds = w * (dw - sum_keys(w * dw))}. */
  private static void softmaxBackward(INDArray w, INDArray dw, INDArray ds) {
    w.muli(dw, ds);
    INDArray total = ds.sum(true, 2);
    dw.subi(total);
    dw.muli(w, ds);
  }

  private INDArray part(int i, INDArray like, long n, long pixels) {
    return parts[i].of(like.dataType(), n, headChannels, pixels);
  }

  private INDArray partGradient(int i, INDArray like, long n, long pixels) {
    return partGradients[i].of(like.dataType(), n, headChannels, pixels);
  }

  private static INDArray slice(INDArray mixed, int i) {
    return mixed.get(
        NDArrayIndex.all(), NDArrayIndex.all(), NDArrayIndex.point(i), NDArrayIndex.all());
  }
}
