package org.fewstep.model.metrics.inception;

import java.util.List;
import java.util.Map;
import org.fewstep.model.network.op.FixedConv2d.Geometry;
import org.fewstep.model.onnx.OnnxWriter;

/**
 * {@link InceptionTopology} as an ONNX file, so that other run times can compute the same from the
 * same weights: images [N,3,299,299] to {@code features} [N,2048].
 */
public final class InceptionOnnx {
  private InceptionOnnx() {}

  /** The network with these weights. */
  public static OnnxWriter of(InceptionWeights weights) {
    OnnxWriter writer = new OnnxWriter();
    writer.input("images", -1, 3, InceptionGraph.SIZE, InceptionGraph.SIZE);
    String last = new Nodes(writer, weights).all("images").block3();
    writer.node("GlobalAveragePool", List.of(last), "means", Map.of());
    writer.node("Flatten", List.of("means"), "features", Map.of("axis", 1L));
    return writer.output("features", -1, InceptionUnits.FEATURES);
  }

  /** Each layer as a node, called by the name of its result. */
  private static final class Nodes extends InceptionTopology<String> {
    private final OnnxWriter writer;
    private final InceptionWeights weights;
    private int nodes;

    Nodes(OnnxWriter writer, InceptionWeights weights) {
      this.writer = writer;
      this.weights = weights;
    }

    @Override
    String conv(String unit, String x) {
      Geometry geometry = InceptionUnits.geometry(unit);
      long[] shape = geometry.weightShape();
      writer.weights(unit + ".w", weights.weight(unit), shape);
      writer.weights(unit + ".b", weights.bias(unit), shape[0]);
      String sums =
          node(
              "Conv",
              List.of(x, unit + ".w", unit + ".b"),
              Map.of(
                  "kernel_shape",
                  new long[] {shape[2], shape[3]},
                  "strides",
                  new long[] {geometry.stride(), geometry.stride()},
                  "pads",
                  new long[] {
                    geometry.paddingHeight(), geometry.paddingWidth(),
                    geometry.paddingHeight(), geometry.paddingWidth()
                  }));
      return node("Relu", List.of(sums), Map.of());
    }

    @Override
    String mean(String name, String x) {
      return node("AveragePool", List.of(x), window(1, 1));
    }

    @Override
    String max(String name, String x, int stride, int padding) {
      return node("MaxPool", List.of(x), window(stride, padding));
    }

    /** 3x3; means leave out the padding, which is ONNX's default. */
    private static Map<String, Object> window(int stride, int padding) {
      return Map.of(
          "kernel_shape",
          new long[] {3, 3},
          "strides",
          new long[] {stride, stride},
          "pads",
          new long[] {padding, padding, padding, padding});
    }

    @Override
    String concat(String name, List<String> parts) {
      return node("Concat", parts, Map.of("axis", 1L));
    }

    private String node(String type, List<String> inputs, Map<String, Object> attributes) {
      String output = "x" + nodes++;
      writer.node(type, inputs, output, attributes);
      return output;
    }
  }
}
