package org.fewstep.model.metrics.inception;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.fewstep.model.network.op.FixedConv2d.Geometry;
import org.fewstep.model.onnx.OnnxWriter;

/**
 * The network of {@link InceptionGraph} as an ONNX file, so that other run times can compute the
 * same from the same weights: images [N,3,299,299] to {@code features} [N,2048].
 */
public final class InceptionOnnx {
  private final OnnxWriter writer = new OnnxWriter();
  private final InceptionWeights weights;
  private int nodes;

  private InceptionOnnx(InceptionWeights weights) {
    this.weights = weights;
  }

  /** The network with these weights. */
  public static OnnxWriter of(InceptionWeights weights) {
    return new InceptionOnnx(weights).network();
  }

  private OnnxWriter network() {
    int size = InceptionGraph.SIZE;
    writer.input("images", -1, 3, size, size);
    String x = "images";
    for (String name : List.of("Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3")) {
      x = conv(name, x);
    }
    x = shrink(x);
    x = shrink(conv("Conv2d_4a_3x3", conv("Conv2d_3b_1x1", x)));
    for (String block : List.of("Mixed_5b", "Mixed_5c", "Mixed_5d")) {
      x =
          concat(
              conv(block + ".branch1x1", x),
              steps(block + ".branch5x5_", 2, x),
              steps(block + ".branch3x3dbl_", 3, x),
              conv(block + ".branch_pool", mean(x)));
    }
    x = concat(conv("Mixed_6a.branch3x3", x), steps("Mixed_6a.branch3x3dbl_", 3, x), shrink(x));
    for (String block : List.of("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e")) {
      x =
          concat(
              conv(block + ".branch1x1", x),
              steps(block + ".branch7x7_", 3, x),
              steps(block + ".branch7x7dbl_", 5, x),
              conv(block + ".branch_pool", mean(x)));
    }
    x = concat(steps("Mixed_7a.branch3x3_", 2, x), steps("Mixed_7a.branch7x7x3_", 4, x), shrink(x));
    x = blockE("Mixed_7b", x, mean(x));
    x = blockE("Mixed_7c", x, max(x, 1, 1));
    writer.node("GlobalAveragePool", List.of(x), "means", Map.of());
    writer.node("Flatten", List.of("means"), "features", Map.of("axis", 1L));
    return writer.output("features", -1, InceptionUnits.FEATURES);
  }

  private String blockE(String block, String x, String pooled) {
    String wide = conv(block + ".branch3x3_1", x);
    String deep = steps(block + ".branch3x3dbl_", 2, x);
    return concat(
        conv(block + ".branch1x1", x),
        conv(block + ".branch3x3_2a", wide),
        conv(block + ".branch3x3_2b", wide),
        conv(block + ".branch3x3dbl_3a", deep),
        conv(block + ".branch3x3dbl_3b", deep),
        conv(block + ".branch_pool", pooled));
  }

  private String steps(String prefix, int count, String x) {
    String result = x;
    for (int i = 1; i <= count; i++) {
      result = conv(prefix + i, result);
    }
    return result;
  }

  private String conv(String unit, String x) {
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

  private String mean(String x) {
    return node("AveragePool", List.of(x), window(1, 1));
  }

  private String shrink(String x) {
    return max(x, 2, 0);
  }

  private String max(String x, int stride, int padding) {
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

  private String concat(String... parts) {
    return node("Concat", new ArrayList<>(Arrays.asList(parts)), Map.of("axis", 1L));
  }

  private String node(String type, List<String> inputs, Map<String, Object> attributes) {
    String output = "x" + nodes++;
    writer.node(type, inputs, output, attributes);
    return output;
  }
}
