package org.fewstep.model.metrics.inception;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.fewstep.config.UserException;
import org.fewstep.model.network.op.FixedConv2d.Geometry;

/**
 * Finds Inception's tensors among those of a file by their names: pytorch-fid's ({@code
 * Mixed_5b.branch1x1.conv.weight}, {@code .bn.running_mean} and so on) or those of NVIDIA's
 * TorchScript file, whose modules are called as in the TensorFlow graph ({@code
 * layers.mixed.tower.conv}).
 */
public final class InceptionTensors implements InceptionWeights.Source {
  private static final String CLASSIFIER = "fc.weight";
  private static final int SHOWN = 3;

  /**
   * A tensor that is read when it is needed.
   *
   * @param values row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Stored(long[] shape, Supplier<float[]> values) {}

  private final String file;
  private final Map<String, Stored> tensors;

  private InceptionTensors(String file, Map<String, Stored> tensors) {
    this.file = file;
    this.tensors = tensors;
  }

  /**
   * All tensors of a file.
   *
   * @param file for messages
   * @param tensors in the file's order, which tells NVIDIA's convolutions apart
   * @throws UserException saying what is missing, if it does not hold FID's Inception
   */
  public static InceptionTensors of(String file, Map<String, Stored> tensors) {
    InceptionTensors named =
        new InceptionTensors(
            file,
            TensorFlowNames.recognises(tensors) ? TensorFlowNames.translate(tensors) : tensors);
    named.check();
    return named;
  }

  /**
   * The tensors of the convolutions up to Mixed_6c, under pytorch-fid's names.
   *
   * @throws UserException saying what is missing
   */
  static InceptionTensors ofTrunk(String file, Map<String, Stored> tensors) {
    InceptionTensors named = new InceptionTensors(file, tensors);
    named.check(needed(InceptionUnits.trunkNames()));
    return named;
  }

  @Override
  public float[] read(String unit, InceptionWeights.Part part, long... shape) {
    String name = name(unit, part);
    Stored tensor = tensors.get(name);
    if (tensor == null) {
      if (part == InceptionWeights.Part.GAMMA) {
        float[] ones = new float[Math.toIntExact(shape[0])];
        Arrays.fill(ones, 1);
        return ones;
      }
      throw new IllegalStateException(name + " was there a moment ago");
    }
    float[] values = tensor.values().get();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new UserException(
            "%s holds %s with a number that is not finite; fetch it again".formatted(file, name));
      }
    }
    return values;
  }

  private static String name(String unit, InceptionWeights.Part part) {
    return switch (part) {
      case WEIGHT -> unit + ".conv.weight";
      case GAMMA -> unit + ".bn.weight";
      case BETA -> unit + ".bn.bias";
      case MEAN -> unit + ".bn.running_mean";
      case VARIANCE -> unit + ".bn.running_var";
      case CLASSIFIER -> CLASSIFIER;
    };
  }

  private void check() {
    if (tensors.containsKey("AuxLogits.fc.weight")
        || hasShape(CLASSIFIER, 1000, InceptionUnits.FEATURES)) {
      throw new UserException(
          ("%s holds PyTorch's own Inception (1000 classes, or AuxLogits), not the one of FID with"
                  + " %d classes; give pt_inception-2015-12-05-6726825d.pth of pytorch-fid")
              .formatted(file, InceptionUnits.CLASSES));
    }
    Map<String, long[]> needed = needed(InceptionUnits.names());
    needed.put(CLASSIFIER, new long[] {InceptionUnits.CLASSES, InceptionUnits.FEATURES});
    check(needed);
  }

  private void check(Map<String, long[]> needed) {
    List<String> missing =
        needed.keySet().stream().filter(name -> !tensors.containsKey(name)).toList();
    if (!missing.isEmpty()) {
      throw new UserException(
          "%s does not hold FID's Inception: of its %d tensors %d are missing, such as %s; it has %s"
              .formatted(
                  file,
                  needed.size(),
                  missing.size(),
                  String.join(", ", missing.subList(0, Math.min(SHOWN, missing.size()))),
                  some(tensors.keySet())));
    }
    needed.forEach(
        (name, shape) -> {
          if (!hasShape(name, shape)) {
            Stored stored = tensors.get(name);
            throw new UserException(
                "%s holds %s of shape %s, FID's Inception needs %s"
                    .formatted(
                        file,
                        name,
                        Arrays.toString(stored == null ? null : stored.shape()),
                        Arrays.toString(shape)));
          }
        });
  }

  /** All but the scales, which are 1 where they are left out. */
  private static Map<String, long[]> needed(List<String> units) {
    Map<String, long[]> needed = new LinkedHashMap<>();
    units.forEach(
        unit -> {
          Geometry geometry = InceptionUnits.geometry(unit);
          needed.put(name(unit, InceptionWeights.Part.WEIGHT), geometry.weightShape());
          for (InceptionWeights.Part part :
              List.of(
                  InceptionWeights.Part.BETA,
                  InceptionWeights.Part.MEAN,
                  InceptionWeights.Part.VARIANCE)) {
            needed.put(name(unit, part), new long[] {geometry.out()});
          }
        });
    return needed;
  }

  private boolean hasShape(String name, long... shape) {
    Stored stored = tensors.get(name);
    return stored != null && Arrays.equals(stored.shape(), shape);
  }

  private static String some(Set<String> names) {
    List<String> first = new ArrayList<>(names).subList(0, Math.min(SHOWN, names.size()));
    return names.isEmpty()
        ? "no tensors"
        : "%d tensors, such as %s".formatted(names.size(), String.join(", ", first));
  }
}
