package org.fewstep.model.network.unet;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.graph.GraphNetwork;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Resample;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The DDPM++ U-Net (Song et al., "Score-based generative modeling through SDEs", ICLR 2021; Karras
 * et al., "Elucidating the design space of diffusion-based generative models", NeurIPS 2022, table
 * 1) in the layout and under the parameter names of the official checkpoints, with IMM's second
 * time.
 *
 * <p>Encoder: a 3x3 convolution, then per level an optional halving block and {@code blocks}
 * residual blocks; every result is pushed. Decoder: two blocks at the lowest resolution (the first
 * attends), then per level {@code blocks + 1} residual blocks that each pop and concatenate one
 * pushed result (the last attends, where the level does), preceded by a doubling block except at
 * the lowest level.
 */
public final class UNet implements Network {
  private final UNetSpec spec;
  private final GraphNetwork graph;

  private UNet(UNetSpec spec, GraphNetwork graph) {
    this.spec = spec;
    this.graph = graph;
  }

  /** A float32 network with the fastest kernels, its parameters not yet loaded. */
  public static UNet create(UNetSpec spec) {
    return create(spec, DataType.FLOAT, Kernels.fastest(DataType.FLOAT));
  }

  /** A network of a given data type and kind of kernels, its parameters not yet loaded. */
  public static UNet create(UNetSpec spec, DataType type, Kernels kernels) {
    return new UNet(spec, new Layout(spec, kernels).build(type));
  }

  /** Adds vertices in the official order. */
  private static final class Layout {
    private record Feature(String vertex, int channels) {}

    private final UNetSpec spec;
    private final Kernels kernels;
    private final GraphNetwork.Builder builder;
    private final String embedding;
    private int dropoutLayers;

    Layout(UNetSpec spec, Kernels kernels) {
      this.spec = spec;
      this.kernels = kernels;
      List<String> conditions = new ArrayList<>(List.of("time"));
      if (spec.secondTime()) {
        conditions.add("second_time");
      }
      if (spec.classes() > 0) {
        conditions.add("labels");
      }
      if (spec.augmentDim() > 0) {
        conditions.add("augment");
      }
      List<String> inputs = new ArrayList<>(List.of("state"));
      inputs.addAll(conditions);
      builder = new GraphNetwork.Builder(inputs.toArray(String[]::new));
      embedding = builder.add("map", () -> new Embedding(spec), conditions.toArray(String[]::new));
    }

    GraphNetwork build(DataType type) {
      Deque<Feature> pushed = new ArrayDeque<>();
      Feature x = encode(pushed);
      x = decode(x, pushed);
      String prefix = "dec." + level(0);
      int in = x.channels;
      int out = spec.shape().channels();
      builder.add(prefix + "_aux", () -> new OutputConv(prefix, in, out, kernels), x.vertex);
      return builder.build(prefix + "_aux", type);
    }

    private Feature encode(Deque<Feature> pushed) {
      String first = "enc." + level(0) + "_conv";
      int in = spec.shape().channels();
      int out = spec.modelChannels();
      builder.add(first, () -> new InputConv(first, in, out, kernels), "state");
      Feature x = new Feature(first, out);
      pushed.push(x);
      for (int level = 0; level < spec.channelMult().size(); level++) {
        String prefix = "enc." + level(level);
        if (level > 0) {
          x = block(prefix + "_down", x, null, x.channels, Resample.Direction.DOWN, false);
          pushed.push(x);
        }
        boolean attends = spec.attends(spec.resolution(level));
        for (int i = 0; i < spec.blocks(); i++) {
          x = block(prefix + "_block" + i, x, null, spec.channels(level), null, attends);
          pushed.push(x);
        }
      }
      return x;
    }

    private Feature decode(Feature bottom, Deque<Feature> pushed) {
      Feature x = bottom;
      int lowest = spec.channelMult().size() - 1;
      for (int level = lowest; level >= 0; level--) {
        String prefix = "dec." + level(level);
        if (level == lowest) {
          x = block(prefix + "_in0", x, null, x.channels, null, true);
          x = block(prefix + "_in1", x, null, x.channels, null, false);
        } else {
          x = block(prefix + "_up", x, null, x.channels, Resample.Direction.UP, false);
        }
        for (int i = 0; i <= spec.blocks(); i++) {
          boolean attends = i == spec.blocks() && spec.attends(spec.resolution(level));
          x = block(prefix + "_block" + i, x, pushed.pop(), spec.channels(level), null, attends);
        }
      }
      return x;
    }

    private Feature block(
        String name,
        Feature x,
        @Nullable Feature skip,
        int out,
        Resample.@Nullable Direction resample,
        boolean attends) {
      UNetBlock.Spec block =
          new UNetBlock.Spec(
              name,
              x.channels,
              skip == null ? 0 : skip.channels,
              out,
              spec.embeddingChannels(),
              resample,
              attends,
              spec.dropout(),
              dropoutLayers++,
              kernels);
      if (skip == null) {
        builder.add(name, () -> new UNetBlock(block), x.vertex, embedding);
      } else {
        builder.add(name, () -> new UNetBlock(block), x.vertex, skip.vertex, embedding);
      }
      return new Feature(name, out);
    }

    private String level(int level) {
      int resolution = spec.resolution(level);
      return resolution + "x" + resolution;
    }
  }

  public UNetSpec spec() {
    return spec;
  }

  /** The graph inside, for those who need its live vectors. */
  public GraphNetwork graph() {
    return graph;
  }

  @Override
  public ImageShape shape() {
    return spec.shape();
  }

  @Override
  public int classes() {
    return spec.classes();
  }

  @Override
  public int augmentDim() {
    return spec.augmentDim();
  }

  @Override
  public boolean hasSecondTime() {
    return spec.secondTime();
  }

  @Override
  public boolean dropsOut() {
    return spec.dropout() > 0;
  }

  @Override
  public ParameterTable parameters() {
    return graph.table();
  }

  @Override
  public void load(float[] flat) {
    graph.load(flat);
  }

  @Override
  public double[] forward(NetworkInput input, @Nullable DropoutKey dropout) {
    ImageShape shape = spec.shape();
    int n = input.count();
    List<INDArray> inputs = new ArrayList<>();
    inputs.add(array(input.state(), n, shape.channels(), shape.height(), shape.width()));
    inputs.add(sinusoid(input.time()));
    if (spec.secondTime()) {
      if (input.secondTime() == null) {
        throw new IllegalArgumentException("the network needs a second time");
      }
      inputs.add(sinusoid(input.secondTime()));
    }
    if (spec.classes() > 0) {
      inputs.add(rows(input.labels(), n, spec.classes()));
    }
    if (spec.augmentDim() > 0) {
      inputs.add(rows(input.augment(), n, spec.augmentDim()));
    }
    INDArray output = graph.forward(inputs.toArray(INDArray[]::new), dropout);
    return output.reshape(output.length()).toDoubleVector();
  }

  @Override
  public void backward(double[] outputGradient, float[] gradient) {
    backward(outputGradient);
    graph.gradients(gradient);
  }

  /** Leaves the gradient in {@code graph().gradients()}. */
  public void backward(double[] outputGradient) {
    ImageShape shape = spec.shape();
    int n = outputGradient.length / shape.size();
    graph.backward(array(outputGradient, n, shape.channels(), shape.height(), shape.width()));
  }

  @Override
  public void close() {
    // Memory belongs to ND4J's garbage collection.
  }

  private INDArray array(double[] values, long... dimensions) {
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

  /**
   * [sin(v f), cos(v f)] with f_i = 10000^(-i / (half - 1)): the halves are swapped against the
   * usual order, as in the official layout. The argument is rounded to float32 first, as there.
   */
  private INDArray sinusoid(double[] times) {
    int half = spec.sinusoidChannels() / 2;
    double[] values = new double[times.length * 2 * half];
    for (int n = 0; n < times.length; n++) {
      double v = (float) times[n];
      for (int i = 0; i < half; i++) {
        double angle = v * Math.pow(10000, -i / (double) (half - 1));
        values[n * 2 * half + i] = Math.sin(angle);
        values[n * 2 * half + half + i] = Math.cos(angle);
      }
    }
    return array(values, times.length, 2L * half);
  }
}
