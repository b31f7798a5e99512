package org.fewstep.model.network.unet;

import java.util.ArrayDeque;
import java.util.Deque;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.graph.GraphBackedNetwork;
import org.fewstep.model.network.graph.GraphNetwork;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Resample;
import org.fewstep.model.network.op.StepMemory;
import org.fewstep.model.network.unet.Layout.Feature;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The DDPM++ and NCSN++ U-Nets (Song et al., "Score-based generative modeling through SDEs", ICLR
 * 2021; Karras et al., "Elucidating the design space of diffusion-based generative models", NeurIPS
 * 2022, table 1) in the layout and under the parameter names of the official checkpoints, with
 * IMM's second time.
 *
 * <p>Encoder: a 3x3 convolution, then per level an optional halving block and {@code blocks}
 * residual blocks; every result is pushed. NCSN++ adds the image, or what became of it one level
 * above, to the result of each halving block. Decoder: two blocks at the lowest resolution (the
 * first attends), then per level {@code blocks + 1} residual blocks that each pop and concatenate
 * one pushed result (the last attends, where the level does), preceded by a doubling block except
 * at the lowest level.
 */
public final class UNet extends GraphBackedNetwork {
  private UNet(UNetSpec spec, GraphNetwork graph) {
    super(spec, graph);
  }

  /** A float32 network with the fastest kernels, its parameters not yet loaded. */
  public static UNet create(UNetSpec spec) {
    return create(spec, DataType.FLOAT, Kernels.fastest(DataType.FLOAT));
  }

  /** A network of a given data type and kind of kernels, its parameters not yet loaded. */
  public static UNet create(UNetSpec spec, DataType type, Kernels kernels) {
    Plan plan = new Plan(spec, kernels);
    return new UNet(spec, plan.builder().build(plan.output(), type));
  }

  static ParameterTable parameters(UNetSpec spec) {
    Plan plan = new Plan(spec, Kernels.ND4J);
    return plan.builder().table(plan.output(), DataType.FLOAT);
  }

  static void countMemory(UNetSpec spec, StepMemory memory, int images) {
    ImageShape shape = spec.shape();
    new Plan(spec, Kernels.FUSED)
        .builder()
        .countMemory(
            memory,
            inputShapes(
                spec, spec.classes(), images, shape.channels(), shape.height(), shape.width()));
  }

  /** The vertices in the official order. */
  private static final class Plan {
    private final UNetSpec spec;
    private final Levels levels;
    private final Layout layout;
    private final String output;

    Plan(UNetSpec spec, Kernels kernels) {
      this.spec = spec;
      this.levels = spec.levels();
      this.layout =
          new Layout(
              spec,
              Style.SONG,
              spec.variant().resampleFilter(),
              spec.embeddingChannels(),
              spec.dropout(),
              spec.variant().isPlain() ? spec.modelChannels() : 1,
              kernels,
              () -> new Embedding(spec, kernels));
      Deque<Feature> pushed = new ArrayDeque<>();
      Feature x = decode(encode(pushed), pushed);
      this.output =
          layout.outputConv("dec." + levels.name(0) + "_aux_", x, spec.shape().channels());
    }

    GraphNetwork.Builder builder() {
      return layout.builder();
    }

    String output() {
      return output;
    }

    private Feature encode(Deque<Feature> pushed) {
      Feature aux = layout.image(spec.shape().channels());
      Feature x = layout.inputConv("enc." + levels.name(0) + "_conv", aux, spec.modelChannels());
      pushed.push(x);
      for (int level = 0; level <= levels.lowest(); level++) {
        String prefix = "enc." + levels.name(level);
        if (level > 0) {
          x = layout.resampled(prefix + "_down", x, Resample.Direction.DOWN);
          if (spec.variant().encoder() == UNetVariant.Encoder.RESIDUAL) {
            x = layout.auxResidual(prefix + "_aux_residual", x, aux);
            aux = x;
          }
          pushed.push(x);
        }
        for (int i = 0; i < spec.blocks(); i++) {
          int heads = levels.attends(level) ? 1 : 0;
          x = layout.block(prefix + "_block" + i, x, levels.channels(level), heads);
          pushed.push(x);
        }
      }
      return x;
    }

    private Feature decode(Feature bottom, Deque<Feature> pushed) {
      Feature x = bottom;
      for (int level = levels.lowest(); level >= 0; level--) {
        String prefix = "dec." + levels.name(level);
        if (level == levels.lowest()) {
          x = layout.block(prefix + "_in0", x, x.channels(), 1);
          x = layout.block(prefix + "_in1", x, x.channels(), 0);
        } else {
          x = layout.resampled(prefix + "_up", x, Resample.Direction.UP);
        }
        for (int i = 0; i <= spec.blocks(); i++) {
          int heads = i == spec.blocks() && levels.attends(level) ? 1 : 0;
          x = layout.block(prefix + "_block" + i, x, pushed.pop(), levels.channels(level), heads);
        }
      }
      return x;
    }
  }
}
