package org.fewstep.model.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.objective.GroupedMmd;
import org.fewstep.model.objective.ImmTimes;
import org.fewstep.model.objective.Mapping;

/** Golden values of the IMM objective: mapping, weights, grouped MMD and its gradient. */
final class ImmLossSet {
  private static final double TOLERANCE = 1e-9;
  private static final ObjectMapper JSON = new ObjectMapper();

  private ImmLossSet() {}

  static List<Check> verify(String set, Safetensors file) {
    List<Check> checks = new ArrayList<>();
    for (int i = 0; file.metadata().containsKey("case" + i); i++) {
      checks.add(verifyCase(set, "case" + i, file));
    }
    return checks;
  }

  private static Check verifyCase(String set, String name, Safetensors file) {
    JsonNode config;
    try {
      config = JSON.readTree(file.metadata().get(name));
    } catch (JsonProcessingException e) {
      throw new UserException(set + ".safetensors has a header whose " + name + " is not JSON", e);
    }
    ImmTimes times =
        new ImmTimes(
            StepModelSpec.schedule(config.path("schedule").asText()),
            StepModelSpec.parameterisation(config.path("parameterisation").asText()),
            config.path("sigma_data").asDouble(),
            config.path("eps").asDouble(),
            config.path("T").asDouble(),
            Mapping.ETA,
            config.path("k").asInt(),
            config.path("a").asDouble(),
            config.path("b").asDouble(),
            config.path("min_gap").asDouble());
    double[] t = file.doubles(name + ".t");
    double[] s = file.doubles(name + ".s");
    double[] r = new double[t.length];
    double[] inverseBandwidth = new double[t.length];
    double[] weight = new double[t.length];
    for (int g = 0; g < t.length; g++) {
      r[g] = times.intermediate(s[g], t[g]);
      inverseBandwidth[g] = times.inverseBandwidth(s[g], t[g]);
      weight[g] = times.weight(t[g]);
    }
    double[] y = file.doubles(name + ".f_st");
    double[] z = file.doubles(name + ".f_sr");
    int groupSize = config.path("group_size").asInt();
    int dimensions = y.length / (t.length * groupSize);
    GroupedMmd.Result result =
        new GroupedMmd(groupSize, dimensions).evaluate(y, z, inverseBandwidth, weight);

    MaxRelativeError error = new MaxRelativeError();
    error.add("r", r, file.doubles(name + ".r"));
    error.add("kernel_weight", inverseBandwidth, file.doubles(name + ".kernel_weight"));
    error.add("loss_weight", weight, file.doubles(name + ".loss_weight"));
    error.add("loss_per_group", result.lossPerGroup(), file.doubles(name + ".loss_per_group"));
    error.add("grad_f_st", result.gradient(), file.doubles(name + ".grad_f_st"));
    return error.check(set, name, TOLERANCE);
  }
}
