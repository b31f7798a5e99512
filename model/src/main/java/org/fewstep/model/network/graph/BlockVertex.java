package org.fewstep.model.network.graph;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.op.Parameter;
import org.jspecify.annotations.NullUnmarked;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Puts a {@link Block} into a DL4J graph: the graph gives the order of calls, the flat parameter
 * and gradient vectors and the sum of gradients where an activation is used twice; the block does
 * the work.
 */
@NullUnmarked
final class BlockVertex extends GraphVertex {
  private final int inputs;
  private final Supplier<Block> factory;
  private final long parameterCount;

  /**
   * @param inputs number of incoming edges
   * @param factory makes the block; blocks it makes are alike
   */
  BlockVertex(int inputs, Supplier<Block> factory) {
    this.inputs = inputs;
    this.factory = factory;
    this.parameterCount = factory.get().parameters().stream().mapToLong(Parameter::length).sum();
  }

  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public GraphVertex clone() {
    return new BlockVertex(inputs, factory);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BlockVertex vertex
        && vertex.inputs == inputs
        && vertex.factory.equals(factory);
  }

  @Override
  public int hashCode() {
    return Objects.hash(inputs, factory);
  }

  @Override
  public long numParams(boolean backprop) {
    return parameterCount;
  }

  @Override
  public int minVertexInputs() {
    return inputs;
  }

  @Override
  public int maxVertexInputs() {
    return inputs;
  }

  @Override
  public Instance instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray parameters,
      boolean initialise,
      DataType type) {
    return new Instance(graph, name, index, parameters, type, factory.get());
  }

  @Override
  public InputType getOutputType(int layerIndex, InputType... inputTypes) {
    throw new IllegalStateException("shapes are fixed when the network is built, not inferred");
  }

  @Override
  public MemoryReport getMemoryReport(InputType... inputTypes) {
    return new LayerMemoryReport.Builder(null, BlockVertex.class, inputTypes[0], inputTypes[0])
        .standardMemory(parameterCount, 0)
        .build();
  }

  /** The running vertex. */
  static final class Instance extends BaseGraphVertex {
    private final INDArray parameters;
    private final Block block;
    private INDArray gradients;
    private DropoutKey dropout;

    private Instance(
        ComputationGraph graph,
        String name,
        int index,
        INDArray parameters,
        DataType type,
        Block block) {
      super(graph, name, index, null, null, type);
      this.parameters = parameters;
      this.block = block;
      long offset = 0;
      for (Parameter parameter : block.parameters()) {
        parameter.bindValue(parameters, offset);
        offset += parameter.length();
      }
    }

    Block block() {
      return block;
    }

    void dropout(DropoutKey key) {
      dropout = key;
    }

    @Override
    public boolean hasLayer() {
      return false;
    }

    @Override
    public org.deeplearning4j.nn.api.Layer getLayer() {
      return null;
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaceMgr) {
      return block.forward(inputs, dropout);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaceMgr) {
      INDArray[] inputGradients = block.backward(epsilon);
      Gradient gradient = new DefaultGradient(gradients);
      for (Parameter parameter : block.parameters()) {
        gradient.setGradientFor(parameter.name(), parameter.gradient());
      }
      return new Pair<>(gradient, inputGradients);
    }

    @Override
    public void setBackpropGradientsViewArray(INDArray view) {
      gradients = view;
      long offset = 0;
      for (Parameter parameter : block.parameters()) {
        parameter.bindGradient(view, offset);
        offset += parameter.length();
      }
    }

    @Override
    public INDArray params() {
      return parameters;
    }

    @Override
    public INDArray getGradientsViewArray() {
      return gradients;
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropOnly) {
      Map<String, INDArray> table = new java.util.LinkedHashMap<>();
      for (Parameter parameter : block.parameters()) {
        table.put(parameter.name(), parameter.value());
      }
      return table;
    }

    /** The optimiser works on the flat vectors, outside the graph. */
    @Override
    public TrainingConfig getConfig() {
      return null;
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArrays(
        INDArray[] masks, MaskState state, int minibatchSize) {
      return new Pair<>(null, state);
    }

    @Override
    public String toString() {
      return "Block(" + getVertexName() + ")";
    }
  }
}
