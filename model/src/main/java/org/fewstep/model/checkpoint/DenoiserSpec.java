package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.fewstep.config.UserException;
import org.fewstep.model.interpolant.EdmDenoiser;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.op.Kernels;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What makes EDM's denoiser of a vector of weights.
 *
 * @param sigmaData standard deviation of the data
 */
public record DenoiserSpec(NetworkSpec network, double sigmaData) implements ModelSpec {
  static final String PRECONDITIONING = "EDMPrecond";

  /** A float32 denoiser with given kernels, its parameters not yet loaded. */
  public EdmDenoiser create(Kernels kernels) {
    return new EdmDenoiser(network.create(DataType.FLOAT, kernels), sigmaData);
  }

  static DenoiserSpec read(NetworkSpec network, OfficialConfig config) {
    if (network.secondTime()) {
      throw new UserException(
          "the 'config' of %s is impossible: %s has one time, not two (s_embed)"
              .formatted(config.where(), PRECONDITIONING));
    }
    return new DenoiserSpec(network, config.real("sigma_data", 0.5));
  }

  @Override
  public String toJson() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("precond", PRECONDITIONING);
    NetworkJson.write(network, json);
    json.put("sigma_data", sigmaData);
    return json.toString();
  }
}
