package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.fewstep.config.UserException;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.interpolant.TimeInput;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.op.Kernels;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Everything that makes a step model of a vector of weights: architecture, parameterisation and
 * time range.
 *
 * @param tMin smallest time of training and sampling, eps
 * @param tMax largest time, T
 */
public record StepModelSpec(
    NetworkSpec network, StepModel.Settings settings, double tMin, double tMax)
    implements ModelSpec {
  static final String PRECONDITIONING = "IMMPrecond";

  /** A key of this program's own, and its value where times enter otherwise than in IMM. */
  private static final String TIME_INPUT = "time_input";

  private static final String LOG_NOISE = "log_noise";

  /** A float32 model with the fastest kernels, its parameters not yet loaded. */
  public StepModel create() {
    return create(Kernels.fastest(DataType.FLOAT));
  }

  /** A float32 model with given kernels, its parameters not yet loaded. */
  public StepModel create(Kernels kernels) {
    return new StepModel(network.create(DataType.FLOAT, kernels), settings);
  }

  /**
   * Reads the JSON form of a step model.
   *
   * @param where file to name in errors
   * @throws UserException if it is not one, or one that is not built
   */
  public static StepModelSpec parse(String json, String where) {
    Parsed parsed = ModelSpec.parse(json, where);
    if (parsed.spec() instanceof StepModelSpec spec) {
      return spec;
    }
    throw new UserException(
        where
            + " cannot be used: "
            + (parsed.notSupported() != null
                ? parsed.notSupported()
                : "its network is a denoiser with one time, not a step model with two"));
  }

  static StepModelSpec read(NetworkSpec network, OfficialConfig config) {
    StepModel.Settings settings =
        new StepModel.Settings(
            schedule(config.text("noise_schedule", "fm")),
            parameterisation(config.text("f_type", "euler_fm")),
            secondTime(config),
            config.positive("sigma_data", 0.5),
            config.text(TIME_INPUT, "").equals(LOG_NOISE) ? TimeInput.LOG_NOISE : TimeInput.LINEAR,
            config.real("time_scale", 1000));
    double tMin = config.real("eps", 0);
    double tMax = config.real("T", 1);
    if (tMin < 0 || tMax <= tMin || tMax > 1) {
      throw config.refuse("no usable 'eps' and 'T'");
    }
    return new StepModelSpec(network, settings, tMin, tMax);
  }

  private static SecondTime secondTime(OfficialConfig config) {
    return switch (config.text("temb_type", "identity")) {
      case "identity" -> SecondTime.TARGET;
      case "stride" -> SecondTime.GAP;
      default -> throw config.refuse("no usable 'temb_type'");
    };
  }

  @Override
  public String toJson() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    NetworkJson.write(network, json);
    json.put(
        "noise_schedule",
        switch (settings.schedule()) {
          case FLOW -> "fm";
          case COSINE -> "vp_cosine";
          case LINEAR_BETA -> "vp_linear_beta";
        });
    json.put(
        "f_type",
        switch (settings.parameterisation()) {
          case IDENTITY -> "identity";
          case SIMPLE_EDM -> "simple_edm";
          case EULER_FM -> "euler_fm";
          case EPSILON -> "epsilon";
        });
    json.put("temb_type", settings.secondTime() == SecondTime.GAP ? "stride" : "identity");
    json.put("sigma_data", settings.sigmaData());
    if (settings.timeInput() == TimeInput.LOG_NOISE) {
      json.put(TIME_INPUT, LOG_NOISE);
    }
    json.put("time_scale", settings.timeScale());
    json.put("eps", tMin);
    json.put("T", tMax);
    return json.toString();
  }

  /** {@code noise_schedule} of the official configuration, and one of this program's own. */
  public static Schedule schedule(String official) {
    return switch (official) {
      case "fm" -> Schedule.FLOW;
      case "vp_cosine" -> Schedule.COSINE;
      case "vp_linear_beta" -> Schedule.LINEAR_BETA;
      default -> throw new UserException("the noise_schedule '" + official + "' is not known");
    };
  }

  /** {@code f_type} of the official configuration, and one of this program's own. */
  public static Parameterisation parameterisation(String official) {
    return switch (official) {
      case "identity" -> Parameterisation.IDENTITY;
      case "simple_edm" -> Parameterisation.SIMPLE_EDM;
      case "euler_fm" -> Parameterisation.EULER_FM;
      case "epsilon" -> Parameterisation.EPSILON;
      default -> throw new UserException("the f_type '" + official + "' is not known");
    };
  }
}
