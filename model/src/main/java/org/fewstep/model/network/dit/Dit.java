package org.fewstep.model.network.dit;

import java.util.List;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.graph.GraphBackedNetwork;
import org.fewstep.model.network.graph.GraphNetwork;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The diffusion transformer (Peebles, Xie, "Scalable diffusion models with transformers", ICCV
 * 2023) in the layout and under the parameter names of IMM's checkpoints, with IMM's second time.
 *
 * <p>Patches become tokens with a fixed position added; each block is told times and class by
 * shifting, scaling and gating (adaLN-Zero), and so is the layer that turns tokens back into
 * patches. Gates and last layer start at zero, so that a fresh network returns zero.
 */
public final class Dit extends GraphBackedNetwork {
  private static final String STATE = "state";
  private static final String OUTPUT = "final_layer";

  private final DitSpec spec;
  private final Patches patches;

  private Dit(DitSpec spec, GraphNetwork graph) {
    super(spec, graph);
    this.spec = spec;
    this.patches = new Patches(spec.shape(), spec.patch());
  }

  /** A network of a given data type and kind of kernels, its parameters not yet loaded. */
  public static Dit create(DitSpec spec, DataType type, Kernels kernels) {
    return new Dit(spec, graph(spec, kernels).build(OUTPUT, type));
  }

  static ParameterTable parameters(DitSpec spec) {
    return graph(spec, Kernels.ND4J).table(OUTPUT, DataType.FLOAT);
  }

  static void countMemory(DitSpec spec, StepMemory memory, int images) {
    graph(spec, Kernels.FUSED)
        .countMemory(
            memory,
            inputShapes(spec, spec.classes() + 1L, images, spec.tokens(), spec.patchLength()));
  }

  private static GraphNetwork.Builder graph(DitSpec spec, Kernels kernels) {
    List<String> conditions = conditions(spec);
    GraphNetwork.Builder builder = new GraphNetwork.Builder(STATE, conditions);
    String x = builder.add("x_embedder", () -> new PatchEmbedding(spec, kernels), STATE);
    String c =
        builder.add(
            "condition", () -> new Conditioning(spec, kernels), conditions.toArray(String[]::new));
    TokenGradients gradients = new TokenGradients();
    for (int i = 0; i < spec.depth(); i++) {
      int index = i;
      x = builder.add("blocks." + i, () -> new DitBlock(index, spec, kernels, gradients), x, c);
    }
    builder.add(OUTPUT, () -> new FinalLayer(OUTPUT, spec, kernels), x, c);
    return builder;
  }

  @Override
  protected INDArray toGraph(double[] images, int count) {
    return array(patches.cut(images, count), count, spec.tokens(), spec.patchLength());
  }

  @Override
  protected double[] fromGraph(INDArray output) {
    double[] values = output.reshape(output.length()).toDoubleVector();
    return patches.joinChannelsLast(values, Math.toIntExact(output.size(0)));
  }

  @Override
  protected INDArray gradientToGraph(double[] gradient, int count) {
    return array(
        patches.cutChannelsLast(gradient, count), count, spec.tokens(), spec.patchLength());
  }

  /** One more column than classes: "no class" for a row of zeros. */
  @Override
  protected INDArray labels(float @Nullable [] labels, int count) {
    int classes = spec.classes();
    double[] rows = new double[count * (classes + 1)];
    for (int n = 0; n < count; n++) {
      rows[n * (classes + 1) + labelOf(labels, n, classes)] = 1;
    }
    return array(rows, count, classes + 1L);
  }

  /** The largest of the row and of what it lacks to 1. */
  private static int labelOf(float @Nullable [] labels, int row, int classes) {
    if (labels == null) {
      return classes;
    }
    int largest = 0;
    float sum = 0;
    for (int c = 0; c < classes; c++) {
      float value = labels[row * classes + c];
      sum += value;
      if (value > labels[row * classes + largest]) {
        largest = c;
      }
    }
    return 1 - sum > labels[row * classes + largest] ? classes : largest;
  }
}
