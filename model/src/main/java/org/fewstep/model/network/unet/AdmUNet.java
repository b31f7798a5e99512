package org.fewstep.model.network.unet;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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
 * ADM's U-Net (Dhariwal, Nichol, "Diffusion models beat GANs on image synthesis", NeurIPS 2021) in
 * the layout and under the parameter names of EDM's checkpoints, with IMM's second time.
 *
 * <p>It differs from {@link UNet} in its blocks ({@link Style#ADM}), in heads of 64 channels, in a
 * first convolution that already has the first level's width, and in that on the way up every block
 * of an attending level attends.
 */
public final class AdmUNet extends GraphBackedNetwork {
  private static final int HEAD_CHANNELS = 64;
  private static final List<Integer> BOX = List.of(1, 1);

  private AdmUNet(AdmSpec spec, GraphNetwork graph) {
    super(spec, graph);
  }

  /** A network of a given data type and kind of kernels, its parameters not yet loaded. */
  public static AdmUNet create(AdmSpec spec, DataType type, Kernels kernels) {
    Plan plan = new Plan(spec, kernels);
    return new AdmUNet(spec, plan.builder().build(plan.output(), type));
  }

  static ParameterTable parameters(AdmSpec spec) {
    Plan plan = new Plan(spec, Kernels.ND4J);
    return plan.builder().table(plan.output(), DataType.FLOAT);
  }

  static void countMemory(AdmSpec spec, StepMemory memory, int images) {
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
    private final AdmSpec spec;
    private final Levels levels;
    private final Layout layout;
    private final String output;

    Plan(AdmSpec spec, Kernels kernels) {
      this.spec = spec;
      this.levels = spec.levels();
      this.layout =
          new Layout(
              spec,
              Style.ADM,
              BOX,
              spec.embeddingChannels(),
              spec.dropout(),
              spec.modelChannels(),
              kernels,
              () -> new AdmEmbedding(spec, kernels));
      Deque<Feature> pushed = new ArrayDeque<>();
      Feature x = decode(encode(pushed), pushed);
      this.output = layout.outputConv("out_", x, spec.shape().channels());
    }

    GraphNetwork.Builder builder() {
      return layout.builder();
    }

    String output() {
      return output;
    }

    private Feature encode(Deque<Feature> pushed) {
      Feature image = layout.image(spec.shape().channels());
      Feature x = layout.inputConv("enc." + levels.name(0) + "_conv", image, levels.channels(0));
      pushed.push(x);
      for (int level = 0; level <= levels.lowest(); level++) {
        String prefix = "enc." + levels.name(level);
        if (level > 0) {
          x = layout.resampled(prefix + "_down", x, Resample.Direction.DOWN);
          pushed.push(x);
        }
        int out = levels.channels(level);
        for (int i = 0; i < spec.blocks(); i++) {
          x = layout.block(prefix + "_block" + i, x, out, heads(level));
          pushed.push(x);
        }
      }
      return x;
    }

    private Feature decode(Feature bottom, Deque<Feature> pushed) {
      Feature x = bottom;
      for (int level = levels.lowest(); level >= 0; level--) {
        String prefix = "dec." + levels.name(level);
        int out = levels.channels(level);
        if (level == levels.lowest()) {
          x = layout.block(prefix + "_in0", x, x.channels(), x.channels() / HEAD_CHANNELS);
          x = layout.block(prefix + "_in1", x, x.channels(), 0);
        } else {
          x = layout.resampled(prefix + "_up", x, Resample.Direction.UP);
        }
        for (int i = 0; i <= spec.blocks(); i++) {
          x = layout.block(prefix + "_block" + i, x, pushed.pop(), out, heads(level));
        }
      }
      return x;
    }

    /** None where there are too few channels for one, as in the official network. */
    private int heads(int level) {
      return levels.attends(level) ? levels.channels(level) / HEAD_CHANNELS : 0;
    }
  }
}
