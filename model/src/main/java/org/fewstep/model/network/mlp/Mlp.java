package org.fewstep.model.network.mlp;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.graph.GraphBackedNetwork;
import org.fewstep.model.network.graph.GraphNetwork;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A residual perceptron that is told its times and class in each block. Matrix products are nearly
 * all its work.
 */
public final class Mlp extends GraphBackedNetwork {
  private static final String STATE = "state";
  private static final String OUTPUT = "mlp";

  private final MlpSpec spec;

  private Mlp(MlpSpec spec, GraphNetwork graph) {
    super(spec, graph);
    this.spec = spec;
  }

  /** A network of a given data type and kind of kernels, its parameters not yet loaded. */
  public static Mlp create(MlpSpec spec, DataType type, Kernels kernels) {
    return new Mlp(spec, graph(spec, kernels).build(OUTPUT, type));
  }

  static ParameterTable parameters(MlpSpec spec) {
    return graph(spec, Kernels.ND4J).table(OUTPUT, DataType.FLOAT);
  }

  static void countMemory(MlpSpec spec, StepMemory memory, int images) {
    graph(spec, Kernels.FUSED)
        .countMemory(memory, inputShapes(spec, spec.classes(), images, spec.shape().size()));
  }

  private static GraphNetwork.Builder graph(MlpSpec spec, Kernels kernels) {
    List<String> conditions = conditions(spec);
    GraphNetwork.Builder builder = new GraphNetwork.Builder(STATE, conditions);
    List<String> inputs = new ArrayList<>(List.of(STATE));
    inputs.addAll(conditions);
    builder.add(OUTPUT, () -> new MlpLayers(spec, kernels), inputs.toArray(String[]::new));
    return builder;
  }

  @Override
  protected INDArray toGraph(double[] images, int count) {
    return array(images, count, spec.shape().size());
  }
}
