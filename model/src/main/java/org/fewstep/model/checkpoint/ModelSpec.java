package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.fewstep.config.UserException;
import org.fewstep.model.network.NetworkSpec;
import org.jspecify.annotations.Nullable;

/**
 * What makes a model of a vector of weights. Its JSON form has the keys of the official
 * configuration and stands in the header of every weights file under {@code config}.
 */
public sealed interface ModelSpec permits StepModelSpec, DenoiserSpec {
  /** Key of the JSON form in a weights file's header. */
  String METADATA_KEY = "config";

  NetworkSpec network();

  /** The JSON form. */
  String toJson();

  /** Either a model or the reason why it cannot be built. */
  record Parsed(@Nullable ModelSpec spec, @Nullable String notSupported) {}

  /**
   * Reads the JSON form.
   *
   * @param where file to name in errors
   * @throws UserException if it is not JSON or lacks what every network needs
   */
  static Parsed parse(String json, String where) {
    OfficialConfig config;
    try {
      config = new OfficialConfig(new ObjectMapper().readTree(json), where);
    } catch (JsonProcessingException e) {
      throw new UserException("the 'config' of " + where + " is not JSON", e);
    }
    try {
      NetworkSpec network = NetworkJson.read(config);
      String preconditioning = config.text("precond", StepModelSpec.PRECONDITIONING);
      return switch (preconditioning) {
        case StepModelSpec.PRECONDITIONING -> new Parsed(StepModelSpec.read(network, config), null);
        case DenoiserSpec.PRECONDITIONING -> new Parsed(DenoiserSpec.read(network, config), null);
        default ->
            throw new NetworkJson.NotBuilt(
                "the preconditioning " + preconditioning + " is not built yet");
      };
    } catch (NetworkJson.NotBuilt e) {
      return new Parsed(null, e.what());
    }
  }
}
