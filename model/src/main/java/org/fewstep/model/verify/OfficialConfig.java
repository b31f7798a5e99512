package org.fewstep.model.verify;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.unet.UNetSpec;
import org.jspecify.annotations.Nullable;

/** A network's architecture and preconditioning in the keys of the official configuration. */
final class OfficialConfig {
  private static final double SIGMA_DATA = 0.5;
  private static final double TIME_SCALE = 1000;

  private final Path file;
  private final JsonNode config;

  OfficialConfig(Path file, JsonNode config) {
    this.file = file;
    this.config = config;
  }

  /** What is asked for and not built, null if nothing is. */
  @Nullable String notSupported() {
    String type = text("model_type", "");
    if (!type.equals("SongUNet")) {
      return "networks of type " + type + " are not built yet";
    }
    if (config.has("precond")) {
      return "the preconditioning " + text("precond", "") + " is not built yet";
    }
    String missing = onlyBuilt("embedding_type", "positional");
    missing = missing == null ? onlyBuilt("encoder_type", "standard") : missing;
    missing = missing == null ? onlyBuilt("decoder_type", "standard") : missing;
    if (missing == null && !integers("resample_filter", List.of(1, 1)).equals(List.of(1, 1))) {
      missing = "the resample_filter " + config.get("resample_filter") + " is not built yet";
    }
    if (missing == null && !config.path("s_embed").asBoolean(false)) {
      missing = "step models without a second time are not built yet";
    }
    return missing;
  }

  private @Nullable String onlyBuilt(String key, String built) {
    String value = text(key, built);
    return value.equals(built) ? null : "the " + key + " " + value + " is not built yet";
  }

  UNetSpec unet() {
    int resolution = integer("img_resolution", -1);
    return new UNetSpec(
        new ImageShape(integer("img_channels", -1), resolution, resolution),
        integer("model_channels", 128),
        integers("channel_mult", List.of(1, 2, 2, 2)),
        integer("channel_mult_emb", 4),
        integer("channel_mult_noise", 1),
        integer("num_blocks", 4),
        integers("attn_resolutions", List.of(16)),
        config.path("dropout").asDouble(0.1),
        integer("label_dim", 0),
        integer("augment_dim", 0),
        true);
  }

  StepModel.Settings settings() {
    return new StepModel.Settings(
        schedule(text("noise_schedule", "fm")),
        parameterisation(text("f_type", "euler_fm")),
        text("temb_type", "identity").equals("stride") ? SecondTime.GAP : SecondTime.TARGET,
        config.path("sigma_data").asDouble(SIGMA_DATA),
        config.path("time_scale").asDouble(TIME_SCALE));
  }

  double tMin() {
    return config.path("eps").asDouble(0);
  }

  double tMax() {
    return config.path("T").asDouble(1);
  }

  static Schedule schedule(String official) {
    return switch (official) {
      case "fm" -> Schedule.FLOW;
      case "vp_cosine" -> Schedule.COSINE;
      default -> throw new UserException("the noise_schedule '" + official + "' is unknown");
    };
  }

  static Parameterisation parameterisation(String official) {
    return switch (official) {
      case "identity" -> Parameterisation.IDENTITY;
      case "simple_edm" -> Parameterisation.SIMPLE_EDM;
      case "euler_fm" -> Parameterisation.EULER_FM;
      default -> throw new UserException("the f_type '" + official + "' is unknown");
    };
  }

  private String text(String key, String otherwise) {
    return config.path(key).asText(otherwise);
  }

  private int integer(String key, int otherwise) {
    int value = config.path(key).asInt(otherwise);
    if (value < 0) {
      throw new UserException(file + " has no usable '" + key + "' in its header's config");
    }
    return value;
  }

  private List<Integer> integers(String key, List<Integer> otherwise) {
    if (!config.path(key).isArray()) {
      return otherwise;
    }
    List<Integer> values = new ArrayList<>();
    config.get(key).forEach(value -> values.add(value.asInt()));
    return values;
  }
}
