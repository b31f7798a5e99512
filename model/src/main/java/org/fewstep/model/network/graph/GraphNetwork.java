package org.fewstep.model.network.graph;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.NativeMemory;
import org.fewstep.model.network.op.Parameter;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A DL4J {@link ComputationGraph} whose vertices are {@link Block}s, with one output.
 *
 * <p>DL4J's own layers reach neither oneDNN's convolution nor preallocated memory; its graph does
 * what is left: topological order, one flat vector of parameters and one of gradients, and the sum
 * of the gradients of an activation with several consumers.
 */
public final class GraphNetwork {
  private final ComputationGraph graph;
  private final List<BlockVertex.Instance> vertices;
  private final ParameterTable table;
  private final String output;
  private final DataType type;

  private GraphNetwork(ComputationGraph graph, String output, DataType type) {
    this.graph = graph;
    this.output = output;
    this.type = type;
    this.vertices = new ArrayList<>();
    List<ParameterTable.Entry> entries = new ArrayList<>();
    long offset = 0;
    GraphVertex[] all = graph.getVertices();
    for (int index : graph.topologicalSortOrder()) {
      if (all[index] instanceof BlockVertex.Instance vertex) {
        vertices.add(vertex);
        for (Parameter parameter : vertex.block().parameters()) {
          entries.add(
              new ParameterTable.Entry(
                  parameter.name(), parameter.shape(), offset, parameter.initialiser()));
          offset += parameter.length();
        }
      }
    }
    this.table = new ParameterTable(entries);
  }

  /** Collects vertices; names of inputs and vertices are unique. */
  public static final class Builder {
    private record Node(Supplier<Block> block, List<String> inputs) {}

    private final List<String> inputs;
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    public Builder(String... inputs) {
      this.inputs = List.of(inputs);
    }

    /** Adds a vertex fed by the named inputs or vertices; returns its name. */
    public String add(String name, Supplier<Block> block, String... from) {
      nodes.put(name, new Node(block, List.of(from)));
      return name;
    }

    public GraphNetwork build(String output, DataType type) {
      ComputationGraphConfiguration.GraphBuilder builder =
          new NeuralNetConfiguration.Builder().dataType(type).graphBuilder();
      builder.addInputs(inputs.toArray(String[]::new));
      nodes.forEach(
          (name, node) ->
              builder.addVertex(
                  name,
                  new BlockVertex(node.inputs.size(), node.block),
                  node.inputs.toArray(String[]::new)));
      builder.setOutputs(output);
      ComputationGraphConfiguration configuration = builder.build();
      // Blocks keep their own memory; workspaces would only be opened and closed around them.
      configuration.setTrainingWorkspaceMode(WorkspaceMode.NONE);
      configuration.setInferenceWorkspaceMode(WorkspaceMode.NONE);
      ComputationGraph graph = new ComputationGraph(configuration);
      graph.init();
      return new GraphNetwork(graph, output, type);
    }
  }

  public ParameterTable table() {
    return table;
  }

  public DataType type() {
    return type;
  }

  /** The live flat parameter vector, [1,P]. */
  public INDArray parameters() {
    return graph.params();
  }

  /** The live flat gradient vector of the last backward, [1,P]. */
  public INDArray gradients() {
    return graph.getGradientsViewArray();
  }

  /** Writes values into the flat parameter vector. */
  public void load(float[] flat) {
    if (flat.length != table.length()) {
      throw new IllegalArgumentException(
          "the network has " + table.length() + " parameters, not " + flat.length);
    }
    FloatBuffer memory = memory(graph.params());
    if (memory != null) {
      memory.put(flat);
    } else {
      graph.params().assign(Nd4j.createFromArray(flat).reshape(1, flat.length));
    }
  }

  /** Copies the flat gradient vector of the last backward. */
  public void gradients(float[] flat) {
    FloatBuffer memory = memory(gradients());
    if (memory != null) {
      memory.get(flat);
    } else {
      float[] values = gradients().reshape(flat.length).toFloatVector();
      System.arraycopy(values, 0, flat, 0, flat.length);
    }
  }

  /**
   * A vector's own memory if it is float32 on the CPU, else null. ND4J's ways to and from arrays go
   * through JNI, which copies to new pages first: the page faults cost many times the copying.
   */
  private @Nullable FloatBuffer memory(INDArray vector) {
    return Kernels.fastest(type) == Kernels.FUSED ? NativeMemory.buffer(vector) : null;
  }

  /** Output of the graph; valid until the next call. */
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    for (BlockVertex.Instance vertex : vertices) {
      vertex.dropout(dropout);
    }
    INDArray result = graph.feedForward(inputs, dropout != null, false).get(output);
    if (result == null) {
      throw new IllegalStateException("the graph has no vertex " + output);
    }
    return result;
  }

  /** All activations by vertex name, for networks that are read in the middle. */
  public Map<String, INDArray> activations(INDArray[] inputs) {
    for (BlockVertex.Instance vertex : vertices) {
      vertex.dropout(null);
    }
    return graph.feedForward(inputs, false, false);
  }

  /** Gradients of the last forward, into {@link #gradients()}. */
  public void backward(INDArray outputGradient) {
    graph.backpropGradient(outputGradient);
  }
}
