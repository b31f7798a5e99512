package org.fewstep.model.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.checkpoint.Weights;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Golden values of a network: its outputs, its gradients, its samples; with each kind of kernels.
 */
final class NetworkSet {
  private static final double FORWARD_TOLERANCE = 1e-5;
  private static final double GRADIENT_TOLERANCE = 1e-4;
  private static final double SAMPLER_TOLERANCE = 1e-5;
  private static final String PREFIX = "model.";

  private final String set;
  private final StepModelSpec spec;
  private final Path file;
  private final Safetensors weights;

  private NetworkSet(String set, StepModelSpec spec, Path file, Safetensors weights) {
    this.set = set;
    this.spec = spec;
    this.file = file;
    this.weights = weights;
  }

  static List<Check> verify(
      String set, StepModelSpec spec, Path weightsFile, Safetensors weights, Path folder) {
    NetworkSet network = new NetworkSet(set, spec, weightsFile, weights);
    List<Check> checks = new ArrayList<>();
    for (Kernels kernels : kinds()) {
      String suffix = "[" + kernels.name().toLowerCase(Locale.ROOT) + "]";
      try (StepModel model = network.model(kernels)) {
        Path io = folder.resolve(set + ".io.safetensors");
        if (Files.exists(io)) {
          try (Safetensors file = Safetensors.open(io)) {
            checks.addAll(network.forwardAndGradients(model, file, suffix));
          }
        }
        Path samplers = folder.resolve(set + ".samplers.safetensors");
        if (Files.exists(samplers)) {
          try (Safetensors file = Safetensors.open(samplers)) {
            checks.add(network.samplers(model, file, suffix));
          }
        }
      }
    }
    return checks;
  }

  private static List<Kernels> kinds() {
    return Kernels.fastest(DataType.FLOAT) == Kernels.FUSED
        ? List.of(Kernels.FUSED, Kernels.ND4J)
        : List.of(Kernels.ND4J);
  }

  private StepModel model(Kernels kernels) {
    StepModel model = spec.create(kernels);
    model.network().load(Weights.read(file, weights, model.network().parameters()));
    return model;
  }

  private List<Check> forwardAndGradients(StepModel model, Safetensors io, String suffix) {
    double[] y =
        model.apply(
            io.doubles("x"),
            io.doubles("t"),
            io.doubles("s"),
            optional(io, "labels"),
            optional(io, "augment_labels"),
            null);
    MaxRelativeError forward = new MaxRelativeError();
    forward.add("y", y, io.doubles("y"));
    float[] gradient = new float[model.network().parameters().length()];
    model.backward(io.doubles("gy"), gradient);
    MaxRelativeError gradients = new MaxRelativeError();
    for (String name : io.names()) {
      if (name.startsWith("grad." + PREFIX)) {
        ParameterTable.Entry entry =
            model.network().parameters().entry(name.substring(("grad." + PREFIX).length()));
        gradients.add(name, part(gradient, entry), io.doubles(name));
      }
    }
    return List.of(
        forward.check(set, "forward" + suffix, FORWARD_TOLERANCE),
        gradients.check(set, "gradients" + suffix, GRADIENT_TOLERANCE));
  }

  private Check samplers(StepModel model, Safetensors file, String suffix) {
    double[] latents = file.doubles("latents");
    MaxRelativeError error = new MaxRelativeError();
    for (String name : file.names()) {
      if ((name.startsWith("pushforward.") || name.startsWith("restart."))
          && !name.contains(".noise_")) {
        SampleName request = SampleName.parse(name);
        double[] times =
            request
                .grid()
                .times(model.settings().schedule(), spec.tMin(), spec.tMax(), request.steps());
        double[] image =
            request
                .sampler()
                .sample(
                    model,
                    latents,
                    times,
                    new Sampler.Request(
                        optional(file, "labels"),
                        request.guidance(),
                        restart -> file.doubles(name + ".noise_" + restart)));
        error.add(name, image, file.doubles(name));
      }
    }
    return error.check(set, "samplers" + suffix, SAMPLER_TOLERANCE);
  }

  private static float @Nullable [] optional(Safetensors file, String name) {
    return file.names().contains(name) ? file.floats(name) : null;
  }

  private static double[] part(float[] flat, ParameterTable.Entry entry) {
    double[] values = new double[entry.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = flat[Math.toIntExact(entry.offset()) + i];
    }
    return values;
  }

  /** What stands in a name such as {@code pushforward.mid_nt_1.4.2.cfg_none}. */
  private record SampleName(Sampler sampler, TimeGrid grid, int steps, @Nullable Double guidance) {
    static SampleName parse(String name) {
      int firstDot = name.indexOf('.');
      int cfg = name.lastIndexOf(".cfg_");
      int stepsDot = cfg < 0 ? -1 : name.lastIndexOf('.', cfg - 1);
      if (stepsDot <= firstDot) {
        throw new UserException("the golden sample '" + name + "' has a name that is not known");
      }
      String grid = name.substring(firstDot + 1, stepsDot);
      String guidance = name.substring(cfg + ".cfg_".length());
      return new SampleName(
          Sampler.valueOf(name.substring(0, firstDot).toUpperCase(Locale.ROOT)),
          grid(grid),
          Integer.parseInt(name.substring(stepsDot + 1, cfg)),
          guidance.equals("none") ? null : Double.valueOf(guidance));
    }

    private static TimeGrid grid(String name) {
      if (name.startsWith("mid_nt_")) {
        List<Double> values = new ArrayList<>();
        for (String value : name.substring("mid_nt_".length()).split("_", -1)) {
          values.add(Double.valueOf(value));
        }
        return new TimeGrid.Explicit(values);
      }
      return switch (name) {
        case "uniform" -> TimeGrid.UNIFORM;
        case "edm" -> TimeGrid.EDM;
        default -> throw new UserException("the time grid '" + name + "' is not known");
      };
    }
  }
}
