package org.fewstep.model.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.DenoiserSpec;
import org.fewstep.model.checkpoint.ModelSpec;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.checkpoint.Weights;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Golden values of a network: its outputs, its gradients, its samples; with each kind of kernels.
 */
final class NetworkSet {
  private static final double FORWARD_TOLERANCE = 1e-5;
  private static final double GRADIENT_TOLERANCE = 1e-4;
  private static final double SAMPLER_TOLERANCE = 1e-5;
  private static final String GRADIENT_PREFIX = "grad.model.";

  private final Path folder;
  private final String name;
  private final Path weightsFile;
  private final Safetensors weights;

  /**
   * @param name of the set, the beginning of its files' names
   */
  NetworkSet(Path folder, String name, Path weightsFile, Safetensors weights) {
    this.folder = folder;
    this.name = name;
    this.weightsFile = weightsFile;
    this.weights = weights;
  }

  List<Check> verify(ModelSpec spec) {
    List<Check> checks = new ArrayList<>();
    for (Kernels kernels : kinds()) {
      String suffix = suffix(kernels);
      try (GoldenModel model = model(spec, kernels)) {
        model.network().load(Weights.read(weightsFile, weights, model.network().parameters()));
        checks.addAll(verify(model, suffix));
      }
    }
    return checks;
  }

  private static GoldenModel model(ModelSpec spec, Kernels kernels) {
    if (spec instanceof DenoiserSpec denoiser) {
      return new GoldenDenoiser(denoiser.create(kernels));
    }
    if (spec instanceof StepModelSpec step) {
      return new GoldenStepModel(step.create(kernels), step.tMin(), step.tMax());
    }
    throw new IllegalStateException("unknown model " + spec);
  }

  /** What a check's name says of the kernels. */
  static String suffix(Kernels kernels) {
    return "[" + kernels.name().toLowerCase(Locale.ROOT) + "]";
  }

  /** The kernels that this machine can compute with. */
  static List<Kernels> kinds() {
    return Kernels.fastest(DataType.FLOAT) == Kernels.FUSED
        ? List.of(Kernels.FUSED, Kernels.ND4J)
        : List.of(Kernels.ND4J);
  }

  private List<Check> verify(GoldenModel model, String suffix) {
    List<Check> checks = new ArrayList<>();
    MaxRelativeError samples = new MaxRelativeError();
    boolean sampled = false;
    Path io = folder.resolve(name + ".io.safetensors");
    if (Files.exists(io)) {
      try (Safetensors file = Safetensors.open(io)) {
        checks.addAll(forwardAndGradients(model, file, suffix));
        sampled = model.sample(file, samples);
      }
    }
    Path samplers = folder.resolve(name + ".samplers.safetensors");
    if (Files.exists(samplers)) {
      try (Safetensors file = Safetensors.open(samplers)) {
        sampled |= model.sample(file, samples);
      }
    }
    if (sampled) {
      checks.add(samples.check(name, "samplers" + suffix, SAMPLER_TOLERANCE));
    }
    return checks;
  }

  private List<Check> forwardAndGradients(GoldenModel model, Safetensors io, String suffix) {
    MaxRelativeError forward = new MaxRelativeError();
    forward.add("y", model.apply(io), io.doubles("y"));
    ParameterTable table = model.network().parameters();
    float[] gradient = new float[table.length()];
    model.backward(io.doubles("gy"), gradient);
    MaxRelativeError gradients = new MaxRelativeError();
    for (String tensor : io.names()) {
      if (tensor.startsWith(GRADIENT_PREFIX)) {
        String parameter = tensor.substring(GRADIENT_PREFIX.length());
        if (!table.contains(parameter)) {
          throw new UserException(
              "%s.io.safetensors has %s, but the network has no such parameter"
                  .formatted(name, tensor));
        }
        gradients.add(tensor, part(gradient, table.entry(parameter)), io.doubles(tensor));
      }
    }
    return List.of(
        forward.check(name, "forward" + suffix, FORWARD_TOLERANCE),
        gradients.check(name, "gradients" + suffix, GRADIENT_TOLERANCE));
  }

  private static double[] part(float[] flat, ParameterTable.Entry entry) {
    double[] values = new double[entry.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = flat[Math.toIntExact(entry.offset()) + i];
    }
    return values;
  }
}
