package org.fewstep.model.network.graph;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.ParameterTable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A network whose work a {@link GraphNetwork} does. Its inputs, in this order: the state, the times
 * [N,1], the second times [N,1], the labels and the augmentation labels, as far as its spec has
 * them.
 */
public abstract class GraphBackedNetwork implements Network {
  private final NetworkSpec spec;
  private final GraphNetwork graph;

  protected GraphBackedNetwork(NetworkSpec spec, GraphNetwork graph) {
    this.spec = spec;
    this.graph = graph;
  }

  /** Names of the graph's inputs after the state, for a network of that spec. */
  public static List<String> conditions(NetworkSpec spec) {
    List<String> names = new ArrayList<>(List.of("time"));
    if (spec.secondTime()) {
      names.add("second_time");
    }
    if (spec.classes() > 0) {
      names.add("labels");
    }
    if (spec.augmentDim() > 0) {
      names.add("augment");
    }
    return names;
  }

  /**
   * Shapes of the graph's inputs for a batch.
   *
   * @param state shape of the images as the graph takes them, the batch first
   * @param labels length of an image's label as the graph takes it
   */
  public static List<long[]> inputShapes(NetworkSpec spec, long labels, long... state) {
    long n = state[0];
    List<long[]> shapes = new ArrayList<>(List.of(state, new long[] {n, 1}));
    if (spec.secondTime()) {
      shapes.add(new long[] {n, 1});
    }
    if (spec.classes() > 0) {
      shapes.add(new long[] {n, labels});
    }
    if (spec.augmentDim() > 0) {
      shapes.add(new long[] {n, spec.augmentDim()});
    }
    return shapes;
  }

  /**
   * The images as the graph takes them.
   *
   * @param images [N*C*H*W]
   */
  protected INDArray toGraph(double[] images, int count) {
    ImageShape shape = spec.shape();
    return array(images, count, shape.channels(), shape.height(), shape.width());
  }

  /** A gradient of the output as the graph takes it. */
  protected INDArray gradientToGraph(double[] gradient, int count) {
    return toGraph(gradient, count);
  }

  /** The output as images, [N*C*H*W]. */
  protected double[] fromGraph(INDArray output) {
    return output.reshape(output.length()).toDoubleVector();
  }

  /** The labels as the graph takes them, [N, classes] unless a network says otherwise. */
  protected INDArray labels(float @Nullable [] labels, int count) {
    return rows(labels, count, spec.classes());
  }

  @Override
  public final double[] forward(NetworkInput input, @Nullable DropoutKey dropout) {
    int n = input.count();
    List<INDArray> inputs = new ArrayList<>();
    inputs.add(toGraph(input.state(), n));
    inputs.add(array(input.time(), n, 1));
    if (spec.secondTime()) {
      if (input.secondTime() == null) {
        throw new IllegalArgumentException("the network needs a second time");
      }
      inputs.add(array(input.secondTime(), n, 1));
    }
    if (spec.classes() > 0) {
      inputs.add(labels(input.labels(), n));
    }
    if (spec.augmentDim() > 0) {
      inputs.add(rows(input.augment(), n, spec.augmentDim()));
    }
    return fromGraph(graph.forward(inputs.toArray(INDArray[]::new), dropout));
  }

  @Override
  public final void backward(double[] outputGradient, float[] gradient) {
    backward(outputGradient);
    graph.gradients(gradient);
  }

  /** Leaves the gradient in {@code graph().gradients()}. */
  public final void backward(double[] outputGradient) {
    graph.backward(gradientToGraph(outputGradient, outputGradient.length / spec.shape().size()));
  }

  /** The graph inside, for those who need its live vectors. */
  public final GraphNetwork graph() {
    return graph;
  }

  @Override
  public final boolean dropsOut() {
    return spec.dropout() > 0;
  }

  @Override
  public final ImageShape shape() {
    return spec.shape();
  }

  @Override
  public final int classes() {
    return spec.classes();
  }

  @Override
  public final int augmentDim() {
    return spec.augmentDim();
  }

  @Override
  public final boolean hasSecondTime() {
    return spec.secondTime();
  }

  @Override
  public final ParameterTable parameters() {
    return graph.table();
  }

  @Override
  public final void load(float[] flat) {
    graph.load(flat);
  }

  @Override
  public final void close() {
    // Memory belongs to ND4J's garbage collection.
  }

  /** An array of the graph's data type. */
  protected final INDArray array(double[] values, long... dimensions) {
    if (graph.type() == DataType.DOUBLE) {
      return Nd4j.createFromArray(values).reshape('c', dimensions);
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return Nd4j.createFromArray(floats).reshape('c', dimensions);
  }

  private INDArray rows(float @Nullable [] values, int n, int length) {
    double[] doubles = new double[n * length];
    if (values != null) {
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] = values[i];
      }
    }
    return array(doubles, n, length);
  }
}
