package org.fewstep.model.network.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.util.GraphIndices;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.NativeMemory;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.StepMemory;
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
  /** Elements copied at once: far from the 2 GiB that a buffer can span. */
  private static final int PIECE = 1 << 24;

  private final ComputationGraph graph;
  private final List<BlockVertex.Instance> vertices;
  private final ParameterTable table;
  private final String output;
  private final DataType type;

  private GraphNetwork(ComputationGraph graph, ParameterTable table, String output, DataType type) {
    this.graph = graph;
    this.table = table;
    this.output = output;
    this.type = type;
    this.vertices = new ArrayList<>();
    GraphVertex[] all = graph.getVertices();
    for (int index : graph.topologicalSortOrder()) {
      if (all[index] instanceof BlockVertex.Instance vertex) {
        vertices.add(vertex);
      }
    }
  }

  /** Collects vertices; names of inputs and vertices are unique. */
  public static final class Builder {
    private record Node(Supplier<Block> block, List<String> inputs) {}

    private final List<String> inputs;
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    public Builder(String first, List<String> others) {
      List<String> all = new ArrayList<>(List.of(first));
      all.addAll(others);
      this.inputs = List.copyOf(all);
    }

    /** Adds a vertex fed by the named inputs or vertices; returns its name. */
    public String add(String name, Supplier<Block> block, String... from) {
      nodes.put(name, new Node(block, List.of(from)));
      return name;
    }

    /** The table of what {@link #build} makes, without memory for it. */
    public ParameterTable table(String output, DataType type) {
      return table(new ComputationGraph(configuration(output, type)));
    }

    public GraphNetwork build(String output, DataType type) {
      ComputationGraph graph = new ComputationGraph(configuration(output, type));
      ParameterTable table = table(graph);
      graph.init();
      return new GraphNetwork(graph, table, output, type);
    }

    /**
     * Counts the memory of calls on a batch, without taking any.
     *
     * @param shapes of the inputs, in their order
     */
    public void countMemory(StepMemory memory, List<long[]> shapes) {
      Map<String, long[]> known = new HashMap<>();
      for (int i = 0; i < inputs.size(); i++) {
        known.put(inputs.get(i), shapes.get(i));
        memory.make(shapes.get(i));
      }
      // A vertex is added behind those it is fed by.
      nodes.forEach(
          (name, node) ->
              known.put(
                  name,
                  node.block
                      .get()
                      .countMemory(memory, node.inputs.stream().map(known::get).toList())));
    }

    /** DL4J lays the vertices' parameters out in topological order. */
    private ParameterTable table(ComputationGraph graph) {
      GraphIndices indices = graph.calculateIndices();
      List<ParameterTable.Entry> entries = new ArrayList<>();
      long offset = 0;
      for (int index : indices.getTopologicalSortOrder()) {
        Node node = nodes.get(indices.getIdxToName().get(index));
        if (node != null) {
          for (Parameter parameter : node.block.get().parameters()) {
            entries.add(
                new ParameterTable.Entry(
                    parameter.name(),
                    parameter.shape(),
                    offset,
                    parameter.initialiser(),
                    parameter.role()));
            offset += parameter.length();
          }
        }
      }
      return new ParameterTable(entries);
    }

    private ComputationGraphConfiguration configuration(String output, DataType type) {
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
      return configuration;
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
    INDArray parameters = graph.params();
    if (isNativeFloat()) {
      for (int from = 0; from < flat.length; from += PIECE) {
        int count = Math.min(PIECE, flat.length - from);
        NativeMemory.buffer(parameters, from, count).put(flat, from, count);
      }
    } else {
      parameters.assign(Nd4j.createFromArray(flat).reshape(1, flat.length));
    }
  }

  /** Copies the flat gradient vector of the last backward. */
  public void gradients(float[] flat) {
    if (isNativeFloat()) {
      for (int from = 0; from < flat.length; from += PIECE) {
        int count = Math.min(PIECE, flat.length - from);
        NativeMemory.buffer(gradients(), from, count).get(flat, from, count);
      }
    } else {
      float[] values = gradients().reshape(flat.length).toFloatVector();
      System.arraycopy(values, 0, flat, 0, flat.length);
    }
  }

  /**
   * Whether vectors are float32 in the CPU's memory. ND4J's ways to and from arrays go through JNI,
   * which copies to new pages first: the page faults cost many times the copying.
   */
  private boolean isNativeFloat() {
    return Kernels.fastest(type) == Kernels.FUSED;
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
