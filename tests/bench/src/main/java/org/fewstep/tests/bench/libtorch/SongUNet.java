package org.fewstep.tests.bench.libtorch;

import static org.bytedeco.pytorch.global.torch.avg_pool2d;
import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.dropout;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.upsample_nearest2d;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.pytorch.Conv2dImpl;
import org.bytedeco.pytorch.Conv2dOptions;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GroupNormImpl;
import org.bytedeco.pytorch.GroupNormOptions;
import org.bytedeco.pytorch.LinearImpl;
import org.bytedeco.pytorch.LinearOptions;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.fewstep.model.network.unet.UNetSpec;
import org.jspecify.annotations.Nullable;

/**
 * The DDPM++ U-Net with a second time, out of libtorch's modules and functions, with the official
 * names of its parameters.
 */
final class SongUNet extends TorchNetwork {
  private static final Scalar UNIT_VARIANCE = new Scalar(Math.sqrt(0.5));
  private static final int PADDED_3 = 3;

  private final UNetSpec spec;
  private final @Nullable LinearImpl mapLabel;
  private final @Nullable LinearImpl mapAugment;
  private final LinearImpl mapLayer0;
  private final LinearImpl mapLayer1;
  private final @Nullable LinearImpl mapLayer0S;
  private final @Nullable LinearImpl mapLayer1S;
  private final Conv2dImpl inputConv;
  private final List<Block> encoder = new ArrayList<>();
  private final List<Block> decoder = new ArrayList<>();
  private final GroupNormImpl outputNorm;
  private final Conv2dImpl outputConv;

  SongUNet(UNetSpec spec) {
    this.spec = spec;
    int noise = spec.modelChannels() * spec.channelMultNoise();
    int emb = spec.modelChannels() * spec.channelMultEmb();
    mapLabel =
        spec.classes() == 0
            ? null
            : register_module("map_label", new LinearImpl(spec.classes(), noise));
    mapAugment =
        spec.augmentDim() == 0
            ? null
            : register_module("map_augment", withoutBias(spec.augmentDim(), noise));
    mapLayer0 = register_module("map_layer0", new LinearImpl(noise, emb));
    mapLayer1 = register_module("map_layer1", new LinearImpl(emb, emb));
    mapLayer0S =
        spec.secondTime() ? register_module("map_layer0_s", new LinearImpl(noise, emb)) : null;
    mapLayer1S =
        spec.secondTime() ? register_module("map_layer1_s", new LinearImpl(emb, emb)) : null;

    Module enc = group(this, "enc");
    Module dec = group(this, "dec");
    int levels = spec.channelMult().size();
    int size = spec.shape().height();
    int channels = spec.modelChannels();
    inputConv =
        enc.register_module(level(size, "conv"), conv(spec.shape().channels(), channels, PADDED_3));
    Deque<Integer> skips = new ArrayDeque<>(List.of(channels));
    for (int l = 0; l < levels; l++) {
      int out = spec.modelChannels() * spec.channelMult().get(l);
      if (l > 0) {
        size /= 2;
        encoder.add(register(enc, size, "down", channels, channels, emb, Resize.DOWN, false));
        skips.push(channels);
      }
      for (int i = 0; i < spec.blocks(); i++) {
        boolean attends = spec.attentionResolutions().contains(size);
        encoder.add(register(enc, size, "block" + i, channels, out, emb, Resize.NONE, attends));
        channels = out;
        skips.push(channels);
      }
    }
    for (int l = levels - 1; l >= 0; l--) {
      int out = spec.modelChannels() * spec.channelMult().get(l);
      if (l == levels - 1) {
        decoder.add(register(dec, size, "in0", channels, channels, emb, Resize.NONE, true));
        decoder.add(register(dec, size, "in1", channels, channels, emb, Resize.NONE, false));
      } else {
        size *= 2;
        decoder.add(register(dec, size, "up", channels, channels, emb, Resize.UP, false));
      }
      for (int i = 0; i <= spec.blocks(); i++) {
        boolean attends = i == spec.blocks() && spec.attentionResolutions().contains(size);
        Block block =
            register(
                dec, size, "block" + i, channels + skips.pop(), out, emb, Resize.NONE, attends);
        block.takesSkip = true;
        decoder.add(block);
        channels = out;
      }
    }
    outputNorm = dec.register_module(level(size, "aux_norm"), norm(channels));
    outputConv =
        dec.register_module(
            level(size, "aux_conv"), conv(channels, spec.shape().channels(), PADDED_3));
  }

  @Override
  Tensor forward(
      Tensor x,
      Tensor time,
      @Nullable Tensor secondTime,
      @Nullable Tensor labels,
      @Nullable Tensor augment) {
    Tensor emb = releasing(() -> embedding(time, secondTime, labels, augment));
    Deque<Tensor> skips = new ArrayDeque<>();
    Tensor h = inputConv.forward(x);
    skips.push(h);
    for (Block block : encoder) {
      Tensor input = h;
      h = releasing(() -> block.forward(input, emb));
      skips.push(h);
    }
    for (Block block : decoder) {
      Tensor input = h;
      h =
          releasing(
              () ->
                  block.forward(
                      block.takesSkip ? cat(new TensorVector(input, skips.pop()), 1) : input, emb));
    }
    return outputConv.forward(silu(outputNorm.forward(h)));
  }

  private Tensor embedding(
      Tensor time, @Nullable Tensor secondTime, @Nullable Tensor labels, @Nullable Tensor augment) {
    Tensor emb = positional(time);
    if (mapLabel != null && labels != null) {
      emb = emb.add(mapLabel.forward(labels.mul(new Scalar(Math.sqrt(spec.classes())))));
    }
    if (mapAugment != null && augment != null) {
      emb = emb.add(mapAugment.forward(augment));
    }
    emb = mapLayer1.forward(silu(mapLayer0.forward(emb)));
    if (mapLayer0S != null && mapLayer1S != null && secondTime != null) {
      emb = emb.add(mapLayer1S.forward(silu(mapLayer0S.forward(positional(secondTime)))));
    }
    return silu(emb);
  }

  /** [sin, cos] of float64 angles, of which a float32 would lose digits at large times. */
  private Tensor positional(Tensor time) {
    int half = spec.modelChannels() * spec.channelMultNoise() / 2;
    double[] frequencies = new double[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = Math.pow(10000, -i / (double) (half - 1));
    }
    Tensor angles = time.to(ScalarType.Double).outer(Tensor.create(frequencies));
    return cat(new TensorVector(angles.sin(), angles.cos()), 1).to(ScalarType.Float);
  }

  private Block register(
      Module parent, int size, String name, int in, int out, int emb, Resize resize, boolean att) {
    return parent.register_module(
        level(size, name), new Block(in, out, emb, resize, att, spec.dropout()));
  }

  private static String level(int size, String name) {
    return size + "x" + size + "_" + name;
  }

  private static Conv2dImpl conv(int in, int out, int kernel) {
    Conv2dOptions options =
        new Conv2dOptions(in, out, new LongPointer(new long[] {kernel, kernel}));
    long padding = kernel / 2;
    options.padding().put(new LongPointer(new long[] {padding, padding}));
    return new Conv2dImpl(options);
  }

  private static GroupNormImpl norm(int channels) {
    GroupNormOptions options = new GroupNormOptions(Math.min(32, channels / 4), channels);
    options.eps().put(1e-6);
    return new GroupNormImpl(options);
  }

  private static LinearImpl withoutBias(int in, int out) {
    LinearOptions options = new LinearOptions(in, out);
    options.bias().put(false);
    return new LinearImpl(options);
  }

  private enum Resize {
    NONE,
    UP,
    DOWN
  }

  private static final class Block extends Module {
    private final GroupNormImpl norm0;
    private final Conv2dImpl conv0;
    private final LinearImpl affine;
    private final GroupNormImpl norm1;
    private final Conv2dImpl conv1;
    private final @Nullable Conv2dImpl skip;
    private final @Nullable GroupNormImpl norm2;
    private final @Nullable Conv2dImpl qkv;
    private final @Nullable Conv2dImpl proj;
    private final Resize resize;
    private final double dropout;
    private boolean takesSkip;

    Block(int in, int out, int emb, Resize resize, boolean attention, double dropout) {
      this.resize = resize;
      this.dropout = dropout;
      norm0 = register_module("norm0", norm(in));
      conv0 = register_module("conv0", conv(in, out, PADDED_3));
      affine = register_module("affine", new LinearImpl(emb, out));
      norm1 = register_module("norm1", norm(out));
      conv1 = register_module("conv1", conv(out, out, PADDED_3));
      boolean projected = in != out || resize != Resize.NONE;
      skip = projected ? register_module("skip", conv(in, out, 1)) : null;
      norm2 = attention ? register_module("norm2", norm(out)) : null;
      qkv = attention ? register_module("qkv", conv(out, 3 * out, 1)) : null;
      proj = attention ? register_module("proj", conv(out, out, 1)) : null;
    }

    Tensor forward(Tensor x, Tensor emb) {
      Tensor h = releasing(() -> residual(x, emb));
      return qkv == null ? h : attend(h);
    }

    private Tensor residual(Tensor x, Tensor emb) {
      Tensor h = conv0.forward(resized(silu(norm0.forward(x))));
      h = h.add(affine.forward(emb).unsqueeze(2).unsqueeze(3));
      h = silu(norm1.forward(h));
      if (dropout > 0) {
        h = dropout(h, dropout, is_training());
      }
      h = conv1.forward(h);
      Tensor residual = skip == null ? x : skip.forward(resized(x));
      return h.add(residual).mul(UNIT_VARIANCE);
    }

    private Tensor resized(Tensor x) {
      return switch (resize) {
        case NONE -> x;
        case DOWN -> avg_pool2d(x, 2, 2);
        case UP ->
            upsample_nearest2d(
                x,
                new long[] {2 * x.size(2), 2 * x.size(3)},
                new DoubleOptional(),
                new DoubleOptional());
      };
    }

    /** One head; output channel 3c + {0,1,2} of qkv is {q,k,v} of channel c. */
    private Tensor attend(Tensor x) {
      if (norm2 == null || qkv == null || proj == null) {
        throw new IllegalStateException("this block has no attention");
      }
      long n = x.size(0);
      long channels = x.size(1);
      long pixels = x.size(2) * x.size(3);
      Tensor mixed =
          qkv.forward(norm2.forward(x))
              .reshape(n, channels, 3, pixels)
              .permute(2, 0, 3, 1)
              .unsqueeze(2)
              .contiguous();
      Tensor attended =
          scaled_dot_product_attention(mixed.select(0, 0), mixed.select(0, 1), mixed.select(0, 2));
      Tensor images =
          attended.squeeze(1).transpose(1, 2).reshape(n, channels, x.size(2), x.size(3));
      return proj.forward(images).add(x).mul(UNIT_VARIANCE);
    }
  }
}
