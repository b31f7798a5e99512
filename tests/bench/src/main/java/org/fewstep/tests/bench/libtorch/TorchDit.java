package org.fewstep.tests.bench.libtorch;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.zeros;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.EmbeddingImpl;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.fewstep.model.network.dit.DitSpec;
import org.jspecify.annotations.Nullable;

/**
 * The diffusion transformer with a second time, out of libtorch's modules and functions: native
 * layer norm, GELU and scaled_dot_product_attention.
 */
final class TorchDit extends TorchNetwork {
  private static final int TIME_FEATURES = 256;
  private static final int MLP_RATIO = 4;
  private static final double EPSILON = 1e-6;
  private static final Scalar ONE = new Scalar(1.0);

  private final DitSpec spec;
  private final int side;
  private final Tensor positions;
  private final Conv2dImpl patches;
  private final Perceptron first;
  private final @Nullable Perceptron second;
  private final @Nullable EmbeddingImpl labelTable;
  private final List<Block> blocks = new ArrayList<>();
  private final LinearImpl finalModulation;
  private final LinearImpl finalLinear;

  TorchDit(DitSpec spec) {
    this.spec = spec;
    this.side = spec.shape().height() / spec.patch();
    int d = spec.hidden();
    positions = register_parameter("pos_embed", zeros(1, (long) side * side, d), false);
    Module embedder = group(this, "x_embedder");
    Conv2dOptions options =
        new Conv2dOptions(
            spec.shape().channels(), d, new LongPointer(new long[] {spec.patch(), spec.patch()}));
    options.stride().put(new LongPointer(new long[] {spec.patch(), spec.patch()}));
    patches = embedder.register_module("proj", new Conv2dImpl(options));
    first = register_module("t_embedder", new Perceptron(d));
    second = spec.secondTime() ? register_module("s_embedder", new Perceptron(d)) : null;
    if (spec.classes() == 0) {
      labelTable = null;
    } else {
      Module labels = group(this, "y_embedder");
      labelTable =
          labels.register_module("embedding_table", new EmbeddingImpl(spec.classes() + 1L, d));
    }
    Module list = group(this, "blocks");
    for (int i = 0; i < spec.depth(); i++) {
      blocks.add(list.register_module(Integer.toString(i), new Block(d, spec.heads())));
    }
    Module last = group(this, "final_layer");
    finalModulation = modulation(last, 2 * d, d);
    finalLinear =
        last.register_module(
            "linear",
            new LinearImpl(d, (long) spec.patch() * spec.patch() * spec.shape().channels()));
  }

  private static LinearImpl modulation(Module parent, int out, int in) {
    return group(parent, "adaLN_modulation").register_module("1", new LinearImpl(in, out));
  }

  @Override
  Tensor forward(
      Tensor x,
      Tensor time,
      @Nullable Tensor secondTime,
      @Nullable Tensor labels,
      @Nullable Tensor augment) {
    Tensor h = patches.forward(x).flatten(2, -1).transpose(1, 2).add(positions);
    Tensor c = first.forward(features(time));
    if (second != null && secondTime != null) {
      c = c.add(second.forward(features(secondTime)));
    }
    if (labelTable != null && labels != null) {
      c = c.add(labelTable.forward(labels.argmax(new LongOptional(1), false)));
    }
    Tensor condition = silu(c);
    for (Block block : blocks) {
      Tensor input = h;
      h = releasing(() -> block.forward(input, condition));
    }
    TensorVector parts = finalModulation.forward(condition).chunk(2, 1);
    h = finalLinear.forward(modulated(h, parts.get(0), parts.get(1)));
    long n = x.size(0);
    long p = spec.patch();
    long channels = spec.shape().channels();
    return h.reshape(n, side, side, p, p, channels)
        .permute(0, 5, 1, 3, 2, 4)
        .reshape(n, channels, side * p, side * p);
  }

  /** [cos, sin] of float64 angles, of which a float32 would lose digits at large times. */
  private static Tensor features(Tensor time) {
    int half = TIME_FEATURES / 2;
    double[] frequencies = new double[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = Math.pow(10000, -i / (double) half);
    }
    Tensor angles = time.to(ScalarType.Double).outer(Tensor.create(frequencies));
    return cat(new TensorVector(angles.cos(), angles.sin()), 1).to(ScalarType.Float);
  }

  private static Tensor modulated(Tensor x, Tensor shift, Tensor scale) {
    TensorOptional none = new TensorOptional();
    Tensor normalised = layer_norm(x, new long[] {x.size(2)}, none, none, EPSILON, false);
    return normalised.mul(scale.add(ONE).unsqueeze(1)).add(shift.unsqueeze(1));
  }

  private static final class Perceptron extends Module {
    private final LinearImpl layer0;
    private final LinearImpl layer2;

    Perceptron(int d) {
      Module mlp = group(this, "mlp");
      layer0 = mlp.register_module("0", new LinearImpl(TIME_FEATURES, d));
      layer2 = mlp.register_module("2", new LinearImpl(d, d));
    }

    Tensor forward(Tensor features) {
      return layer2.forward(silu(layer0.forward(features)));
    }
  }

  private static final class Block extends Module {
    private final int heads;
    private final LinearImpl qkv;
    private final LinearImpl proj;
    private final LinearImpl fc1;
    private final LinearImpl fc2;
    private final LinearImpl modulation;

    Block(int d, int heads) {
      this.heads = heads;
      Module attention = group(this, "attn");
      qkv = attention.register_module("qkv", new LinearImpl(d, 3L * d));
      proj = attention.register_module("proj", new LinearImpl(d, d));
      Module mlp = group(this, "mlp");
      fc1 = mlp.register_module("fc1", new LinearImpl(d, (long) MLP_RATIO * d));
      fc2 = mlp.register_module("fc2", new LinearImpl((long) MLP_RATIO * d, d));
      modulation = modulation(this, 6 * d, d);
    }

    Tensor forward(Tensor x, Tensor c) {
      TensorVector parts = modulation.forward(c).chunk(6, 1);
      Tensor middle =
          x.add(parts.get(2).unsqueeze(1).mul(attend(modulated(x, parts.get(0), parts.get(1)))));
      Tensor h = fc1.forward(modulated(middle, parts.get(3), parts.get(4)));
      h = fc2.forward(gelu(h, "tanh"));
      return middle.add(parts.get(5).unsqueeze(1).mul(h));
    }

    private Tensor attend(Tensor x) {
      long n = x.size(0);
      long tokens = x.size(1);
      long d = x.size(2);
      TensorVector parts =
          qkv.forward(x).reshape(n, tokens, 3, heads, d / heads).permute(2, 0, 3, 1, 4).unbind(0);
      Tensor attended = scaled_dot_product_attention(parts.get(0), parts.get(1), parts.get(2));
      return proj.forward(attended.transpose(1, 2).reshape(n, tokens, d));
    }
  }
}
