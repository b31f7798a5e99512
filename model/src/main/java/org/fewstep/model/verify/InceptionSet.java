package org.fewstep.model.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.metrics.inception.InceptionGraph;
import org.fewstep.model.metrics.inception.InceptionTensors;
import org.fewstep.model.metrics.inception.InceptionWeights;
import org.fewstep.model.metrics.inception.Preparation;
import org.fewstep.model.network.op.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Golden values of the Inception network: channel means after its blocks, on formula weights. */
final class InceptionSet {
  private static final double TOLERANCE = 1e-4;
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String TENSORS = "tensors_name_index_shape";

  private InceptionSet() {}

  static List<Check> verify(String set, Safetensors file) {
    InceptionWeights weights = InceptionWeights.fold(InceptionTensors.of(set, formula(set, file)));
    long[] shape = file.shape("images_uint8_as_f32");
    int images = Math.toIntExact(shape[0]);
    float[] prepared =
        Preparation.PYTORCH_FID.prepare(
            file.floats("images_uint8_as_f32"),
            images,
            new ImageShape(
                Math.toIntExact(shape[1]), Math.toIntExact(shape[2]), Math.toIntExact(shape[3])));
    List<Check> checks = new ArrayList<>();
    for (Kernels kernels : NetworkSet.kinds()) {
      InceptionGraph.Blocks blocks =
          new InceptionGraph(weights, kernels)
              .blocks(
                  Nd4j.createFromArray(prepared)
                      .reshape('c', images, 3, InceptionGraph.SIZE, InceptionGraph.SIZE));
      String suffix = NetworkSet.suffix(kernels);
      checks.add(check(set, "block0_mean", suffix, blocks.block0(), file));
      checks.add(check(set, "block1_mean", suffix, blocks.block1(), file));
      checks.add(check(set, "block2_mean", suffix, blocks.block2(), file));
      checks.add(check(set, "pool3", suffix, blocks.block3(), file));
    }
    return checks;
  }

  private static Check check(
      String set, String name, String suffix, INDArray block, Safetensors file) {
    MaxRelativeError error = new MaxRelativeError();
    INDArray means = block.mean(2, 3);
    error.add(name, means.reshape(means.length()).toDoubleVector(), file.doubles(name));
    return error.check(set, name + suffix, TOLERANCE);
  }

  /** The weights, by their names. */
  static Map<String, InceptionTensors.Stored> formula(String set, Safetensors file) {
    JsonNode list;
    try {
      list = JSON.readTree(file.metadata().getOrDefault(TENSORS, ""));
    } catch (JsonProcessingException e) {
      throw new UserException(
          set + ".safetensors has a header whose " + TENSORS + " is not JSON", e);
    }
    Map<String, InceptionTensors.Stored> tensors = new HashMap<>();
    for (JsonNode entry : list) {
      String name = entry.path(0).asText();
      List<Long> extents = new ArrayList<>();
      entry.path(2).forEach(extent -> extents.add(extent.asLong()));
      long[] shape = extents.stream().mapToLong(Long::longValue).toArray();
      tensors.put(
          name,
          new InceptionTensors.Stored(shape, () -> values(name, entry.path(1).asLong(), shape)));
    }
    return tensors;
  }

  private static float[] values(String name, long index, long[] shape) {
    int count = Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    double fanIn = shape.length == 4 ? count / (double) shape[0] : 1;
    float[] values = new float[count];
    for (int k = 0; k < count; k++) {
      double u = uniform(index, k);
      values[k] =
          (float)
              (shape.length == 4
                  ? u * 2.4 / Math.sqrt(fanIn)
                  : name.equals("fc.weight")
                      ? 0.05 * u
                      : name.endsWith("bn.weight")
                          ? 1 + 0.1 * u
                          : name.endsWith("running_mean")
                              ? 0.05 * u
                              : name.endsWith("running_var") ? 1 + 0.2 * u : 0.1 * u);
    }
    return values;
  }

  /** In [-1, 1), by SplitMix64's finaliser of a position. */
  private static double uniform(long index, long k) {
    long z = (index << 40) + k + 0x9E3779B97F4A7C15L;
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return 2 * ((z >>> 11) * 0x1.0p-53) - 1;
  }
}
