package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.unet.UNet;
import org.fewstep.model.network.unet.UNetSpec;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Everything that makes a step model of a vector of weights: architecture, parameterisation and
 * time range. Its JSON form has the keys of the official configuration and stands in the header of
 * every weights file under {@code config}.
 *
 * @param tMin smallest time of training and sampling, eps
 * @param tMax largest time, T
 */
public record StepModelSpec(UNetSpec unet, StepModel.Settings settings, double tMin, double tMax) {
  /** Key of the JSON form in a weights file's header. */
  public static final String METADATA_KEY = "config";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** A float32 model with the fastest kernels, its parameters not yet loaded. */
  public StepModel create() {
    return create(Kernels.fastest(DataType.FLOAT));
  }

  /** A float32 model with given kernels, its parameters not yet loaded. */
  public StepModel create(Kernels kernels) {
    return new StepModel(UNet.create(unet, DataType.FLOAT, kernels), settings);
  }

  /** Either a model or the reason why it cannot be built. */
  public record Parsed(@Nullable StepModelSpec spec, @Nullable String notSupported) {}

  /**
   * Reads the JSON form.
   *
   * @param where file to name in errors
   * @throws UserException if it is not JSON or lacks what every network needs
   */
  public static Parsed parse(String json, String where) {
    try {
      return new Reader(JSON.readTree(json), where).parse();
    } catch (JsonProcessingException e) {
      throw new UserException("the 'config' in the header of " + where + " is not JSON", e);
    }
  }

  /** The JSON form. */
  public String toJson() {
    ObjectNode json = JSON.createObjectNode();
    json.put("model_type", "SongUNet");
    json.put("img_resolution", unet.shape().height());
    json.put("img_channels", unet.shape().channels());
    json.put("label_dim", unet.classes());
    json.put("model_channels", unet.modelChannels());
    addAll(json.putArray("channel_mult"), unet.channelMult());
    json.put("channel_mult_emb", unet.channelMultEmb());
    json.put("channel_mult_noise", unet.channelMultNoise());
    json.put("num_blocks", unet.blocks());
    addAll(json.putArray("attn_resolutions"), unet.attentionResolutions());
    json.put("dropout", unet.dropout());
    json.put("augment_dim", unet.augmentDim());
    json.put("embedding_type", "positional");
    json.put("encoder_type", "standard");
    json.put("decoder_type", "standard");
    addAll(json.putArray("resample_filter"), List.of(1, 1));
    json.put("s_embed", unet.secondTime());
    json.put("noise_schedule", settings.schedule() == Schedule.FLOW ? "fm" : "vp_cosine");
    json.put(
        "f_type",
        switch (settings.parameterisation()) {
          case IDENTITY -> "identity";
          case SIMPLE_EDM -> "simple_edm";
          case EULER_FM -> "euler_fm";
        });
    json.put("temb_type", settings.secondTime() == SecondTime.GAP ? "stride" : "identity");
    json.put("sigma_data", settings.sigmaData());
    json.put("time_scale", settings.timeScale());
    json.put("eps", tMin);
    json.put("T", tMax);
    return json.toString();
  }

  private static void addAll(ArrayNode array, List<Integer> values) {
    values.forEach(array::add);
  }

  /** {@code noise_schedule} of the official configuration. */
  public static Schedule schedule(String official) {
    return switch (official) {
      case "fm" -> Schedule.FLOW;
      case "vp_cosine" -> Schedule.COSINE;
      default -> throw new UserException("the noise_schedule '" + official + "' is not known");
    };
  }

  /** {@code f_type} of the official configuration. */
  public static Parameterisation parameterisation(String official) {
    return switch (official) {
      case "identity" -> Parameterisation.IDENTITY;
      case "simple_edm" -> Parameterisation.SIMPLE_EDM;
      case "euler_fm" -> Parameterisation.EULER_FM;
      default -> throw new UserException("the f_type '" + official + "' is not known");
    };
  }

  /** Official keys with the official classes' defaults. */
  private record Reader(JsonNode config, String where) {
    Parsed parse() {
      String missing = notSupported();
      if (missing != null) {
        return new Parsed(null, missing);
      }
      StepModel.Settings settings =
          new StepModel.Settings(
              schedule(text("noise_schedule", "fm")),
              parameterisation(text("f_type", "euler_fm")),
              text("temb_type", "identity").equals("stride") ? SecondTime.GAP : SecondTime.TARGET,
              config.path("sigma_data").asDouble(0.5),
              config.path("time_scale").asDouble(1000));
      return new Parsed(
          new StepModelSpec(
              unet(), settings, config.path("eps").asDouble(0), config.path("T").asDouble(1)),
          null);
    }

    private @Nullable String notSupported() {
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

    private UNetSpec unet() {
      int resolution = integer("img_resolution", -1);
      try {
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
      } catch (IllegalArgumentException e) {
        throw new UserException(
            "the 'config' in the header of " + where + " is impossible: " + e.getMessage(), e);
      }
    }

    private String text(String key, String otherwise) {
      return config.path(key).asText(otherwise);
    }

    private int integer(String key, int otherwise) {
      int value = config.path(key).asInt(otherwise);
      if (value < 0) {
        throw new UserException(
            "the 'config' in the header of " + where + " has no usable '" + key + "'");
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
}
