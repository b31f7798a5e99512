package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.dit.DitSize;
import org.fewstep.model.network.dit.DitSpec;
import org.fewstep.model.network.mlp.MlpSpec;
import org.fewstep.model.network.unet.AdmSpec;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.network.unet.UNetVariant;

/** Architectures under the keys, and with the defaults, of the official classes. */
final class NetworkJson {
  private static final String SONG = "SongUNet";
  private static final String ADM = "DhariwalUNet";
  private static final String DIT = "DiT";

  /** Of this program's own; there is no official perceptron. */
  private static final String MLP = "MLP";

  private static final Pattern NAMED_DIT = Pattern.compile("DiT_(S|B|L|XL)_([248])");

  private NetworkJson() {}

  static void write(NetworkSpec network, ObjectNode json) {
    if (network instanceof UNetSpec song) {
      writeSong(song, json);
    } else if (network instanceof AdmSpec adm) {
      writeAdm(adm, json);
    } else if (network instanceof DitSpec dit) {
      writeDit(dit, json);
    } else if (network instanceof MlpSpec mlp) {
      writeMlp(mlp, json);
    } else {
      throw new IllegalArgumentException("no official form of " + network);
    }
    json.put("s_embed", network.secondTime());
  }

  private static void writeSong(UNetSpec unet, ObjectNode json) {
    writeImages(SONG, unet, json);
    json.put("model_channels", unet.modelChannels());
    addAll(json.putArray("channel_mult"), unet.channelMult());
    json.put("channel_mult_emb", unet.channelMultEmb());
    json.put("channel_mult_noise", unet.channelMultNoise());
    json.put("num_blocks", unet.blocks());
    addAll(json.putArray("attn_resolutions"), unet.attentionResolutions());
    json.put("dropout", unet.dropout());
    json.put("augment_dim", unet.augmentDim());
    json.put("embedding_type", lower(unet.variant().times()));
    json.put("encoder_type", lower(unet.variant().encoder()));
    json.put("decoder_type", "standard");
    addAll(json.putArray("resample_filter"), unet.variant().resampleFilter());
  }

  private static void writeAdm(AdmSpec adm, ObjectNode json) {
    writeImages(ADM, adm, json);
    json.put("model_channels", adm.modelChannels());
    addAll(json.putArray("channel_mult"), adm.channelMult());
    json.put("channel_mult_emb", adm.channelMultEmb());
    json.put("num_blocks", adm.blocks());
    addAll(json.putArray("attn_resolutions"), adm.attentionResolutions());
    json.put("dropout", adm.dropout());
    json.put("augment_dim", adm.augmentDim());
  }

  private static void writeDit(DitSpec dit, ObjectNode json) {
    writeImages(DIT, dit, json);
    json.put("num_classes", dit.classes());
    json.put("patch_size", dit.patch());
    json.put("hidden_size", dit.hidden());
    json.put("depth", dit.depth());
    json.put("num_heads", dit.heads());
  }

  private static void writeMlp(MlpSpec mlp, ObjectNode json) {
    writeImages(MLP, mlp, json);
    json.put("hidden_size", mlp.hidden());
    json.put("depth", mlp.depth());
  }

  private static void writeImages(String type, NetworkSpec network, ObjectNode json) {
    json.put("model_type", type);
    json.put("img_resolution", network.shape().height());
    json.put("img_channels", network.shape().channels());
    json.put("label_dim", network.classes());
  }

  private static void addAll(ArrayNode array, List<Integer> values) {
    values.forEach(array::add);
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * @throws NotBuilt if the architecture is one that this program does not have
   * @throws UserException if it is impossible
   */
  static NetworkSpec read(OfficialConfig config) throws NotBuilt {
    try {
      NetworkSpec spec = readSpec(config);
      // Lays out every layer, which finds widths that cannot be.
      spec.parameters();
      return spec;
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "the 'config' of " + config.where() + " is impossible: " + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw new UserException(
          "the 'config' of "
              + config.where()
              + " is impossible: its network has more than 2^31 parameters",
          e);
    }
  }

  private static NetworkSpec readSpec(OfficialConfig config) throws NotBuilt {
    String type = config.text("model_type", "");
    Matcher named = NAMED_DIT.matcher(type);
    if (type.equals(SONG)) {
      return readSong(config);
    }
    if (type.equals(ADM)) {
      return readAdm(config);
    }
    if (type.equals(DIT)) {
      return readDit(
          config,
          config.integer("patch_size", 2),
          config.integer("hidden_size", DitSize.XL.hidden()),
          config.layers("depth", DitSize.XL.depth()),
          config.integer("num_heads", DitSize.XL.heads()));
    }
    if (type.equals(MLP)) {
      return new MlpSpec(
          shape(config),
          config.integer("hidden_size"),
          config.layers("depth", 1),
          config.integer("label_dim", 0),
          config.truth("s_embed", false));
    }
    if (named.matches()) {
      DitSize size = DitSize.valueOf(named.group(1));
      int patch = Integer.parseInt(named.group(2));
      return readDit(config, patch, size.hidden(), size.depth(), size.heads());
    }
    throw new NotBuilt("networks of type " + type + " are not built yet");
  }

  private static NetworkSpec readSong(OfficialConfig config) throws NotBuilt {
    if (!config.text("decoder_type", "standard").equals("standard")) {
      throw notBuilt(config, "decoder_type");
    }
    return new UNetSpec(
        shape(config),
        config.integer("model_channels", 128),
        config.integers("channel_mult", List.of(1, 2, 2, 2)),
        config.integer("channel_mult_emb", 4),
        config.integer("channel_mult_noise", 1),
        config.layers("num_blocks", 4),
        config.integers("attn_resolutions", List.of(16)),
        config.real("dropout", 0.1),
        config.integer("label_dim", 0),
        config.integer("augment_dim", 0),
        config.truth("s_embed", false),
        new UNetVariant(
            choice(UNetVariant.Times.class, config, "embedding_type", "positional"),
            choice(UNetVariant.Encoder.class, config, "encoder_type", "standard"),
            config.integers("resample_filter", List.of(1, 1))));
  }

  private static NetworkSpec readAdm(OfficialConfig config) {
    return new AdmSpec(
        shape(config),
        config.integer("model_channels", 192),
        config.integers("channel_mult", List.of(1, 2, 3, 4)),
        config.integer("channel_mult_emb", 4),
        config.layers("num_blocks", 3),
        config.integers("attn_resolutions", List.of(32, 16, 8)),
        config.real("dropout", 0.1),
        config.integer("label_dim", 0),
        config.integer("augment_dim", 0),
        config.truth("s_embed", false));
  }

  private static NetworkSpec readDit(
      OfficialConfig config, int patch, int hidden, int depth, int heads) {
    return new DitSpec(
        shape(config),
        patch,
        hidden,
        depth,
        heads,
        config.integer("num_classes", config.integer("label_dim", 0)),
        config.truth("s_embed", false));
  }

  private static ImageShape shape(OfficialConfig config) {
    int resolution = config.integer("img_resolution");
    return new ImageShape(config.integer("img_channels"), resolution, resolution);
  }

  private static <E extends Enum<E>> E choice(
      Class<E> type, OfficialConfig config, String key, String otherwise) throws NotBuilt {
    for (E constant : type.getEnumConstants()) {
      if (lower(constant).equals(config.text(key, otherwise))) {
        return constant;
      }
    }
    throw notBuilt(config, key);
  }

  private static NotBuilt notBuilt(OfficialConfig config, String key) {
    return new NotBuilt("the " + key + " " + config.text(key, "") + " is not built yet");
  }

  /** A description of something that this program does not have. */
  static final class NotBuilt extends Exception {
    private static final long serialVersionUID = 1;

    NotBuilt(String what) {
      super(what);
    }

    String what() {
      return String.valueOf(getMessage());
    }
  }
}
