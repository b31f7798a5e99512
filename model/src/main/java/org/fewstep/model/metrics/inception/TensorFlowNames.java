package org.fewstep.model.metrics.inception;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fewstep.model.metrics.inception.InceptionTensors.Stored;

/**
 * The names in NVIDIA's {@code inception-2015-12-05.pt}: modules {@code layers.conv}, {@code
 * layers.conv_1}, {@code layers.mixed} and so on as in the TensorFlow graph, each convolution with
 * its normalisation in one module.
 *
 * <p>A convolution is recognised by its kernel, the only tensor of four dimensions in its module;
 * the convolutions stand in the order of the network, which the shapes confirm. What a vector
 * beside the kernel is for stands in its name.
 */
final class TensorFlowNames {
  private static final String FIRST = "layers.";
  private static final Set<String> GAMMA = Set.of("gamma", "scale", "bn.weight");
  private static final Set<String> BETA = Set.of("beta", "bias", "bn.bias", "offset");
  private static final Set<String> MEAN =
      Set.of("mean", "moving_mean", "running_mean", "bn.running_mean");
  private static final Set<String> VARIANCE =
      Set.of("var", "variance", "moving_var", "moving_variance", "running_var", "bn.running_var");

  private TensorFlowNames() {}

  /** Whether the tensors bear such names. */
  static boolean recognises(Map<String, Stored> tensors) {
    return tensors.keySet().stream().anyMatch(name -> name.startsWith(FIRST + "conv."))
        && tensors.keySet().stream().anyMatch(name -> name.startsWith(FIRST + "mixed."));
  }

  /** The same tensors under pytorch-fid's names, as far as they are what they should be. */
  static Map<String, Stored> translate(Map<String, Stored> tensors) {
    List<String> modules = new ArrayList<>();
    Map<String, Stored> translated = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.shape().length == 4 && name.contains(".")) {
            modules.add(module(name));
          } else if (Arrays.equals(
              tensor.shape(), new long[] {InceptionUnits.CLASSES, InceptionUnits.FEATURES})) {
            translated.put("fc.weight", tensor);
          }
        });
    List<String> units = InceptionUnits.names();
    for (int i = 0; i < Math.min(units.size(), modules.size()); i++) {
      String prefix = modules.get(i) + ".";
      String unit = units.get(i);
      tensors.forEach(
          (name, tensor) -> {
            if (name.startsWith(prefix)) {
              put(translated, unit, name.substring(prefix.length()), tensor);
            }
          });
    }
    return translated;
  }

  private static void put(Map<String, Stored> to, String unit, String name, Stored tensor) {
    if (tensor.shape().length == 4) {
      to.put(unit + ".conv.weight", tensor);
    } else if (GAMMA.contains(name)) {
      to.put(unit + ".bn.weight", tensor);
    } else if (BETA.contains(name)) {
      to.put(unit + ".bn.bias", tensor);
    } else if (MEAN.contains(name)) {
      to.put(unit + ".bn.running_mean", tensor);
    } else if (VARIANCE.contains(name)) {
      to.put(unit + ".bn.running_var", tensor);
    }
  }

  /** {@code layers.conv} of {@code layers.conv.weight} and of {@code layers.conv.conv.weight}. */
  private static String module(String name) {
    String inner = name.substring(0, name.lastIndexOf('.'));
    return inner.endsWith(".conv.conv") ? inner.substring(0, inner.length() - 5) : inner;
  }
}
