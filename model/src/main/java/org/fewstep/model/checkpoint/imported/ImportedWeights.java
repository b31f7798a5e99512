package org.fewstep.model.checkpoint.imported;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.ModelSpec;
import org.fewstep.model.checkpoint.Weights;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.RegularFiles;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.pickle.TorchFile;
import org.fewstep.model.network.ParameterTable;
import org.jspecify.annotations.Nullable;

/**
 * Weights that another program wrote: official pickles of IMM and EDM, which say their
 * architecture; files of PyTorch's (a state_dict, or a whole module) and safetensors. Nothing of
 * them is executed.
 *
 * @param flat in the order of the table
 * @param prefix what the tensors' names began with
 * @param leftOut number of tensors under other prefixes
 * @param ignored settings of the architecture that mean nothing here
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ImportedWeights(
    ModelSpec spec,
    ParameterTable table,
    float[] flat,
    String prefix,
    int leftOut,
    List<String> ignored) {
  private static final long MAX_CONFIG_BYTES = 1 << 20;

  /** Settings of precision and of training, and what other settings already say. */
  private static final Set<String> MEANT_FOR_OTHERS =
      Set.of(
          "precond",
          "in_channels",
          "out_channels",
          "use_fp16",
          "use_mixed_precision",
          "mixed_precision",
          "label_dropout",
          "label_dim",
          "num_classes");

  /**
   * How to understand a file.
   *
   * @param config file with the official configuration as JSON, or weights of ours whose header has
   *     it; null if the file itself says its architecture
   * @param prefix what the names of the wanted tensors begin with; null to find out
   */
  public record Hints(@Nullable Path config, @Nullable String prefix) {
    public static final Hints NONE = new Hints(null, null);
  }

  /**
   * Reads a file.
   *
   * @throws UserException in one sentence, if it is damaged, asks for anything to be executed, says
   *     nothing of its architecture, or has other tensors than its network, which are listed
   */
  public static ImportedWeights read(Path file, Hints hints) {
    RegularFiles.check(file);
    if (TorchFile.recognises(file)) {
      try (TorchFile torch = TorchFile.openModules(file)) {
        Optional<OfficialModule> module = OfficialModule.find(file, torch.root());
        return fit(
            file,
            module.map(m -> m.config().toString()).orElse(null),
            NamedTensors.of(torch, module.map(OfficialModule::tensors).orElseGet(torch::tensors)),
            hints);
      }
    }
    try (Safetensors open = Safetensors.open(file)) {
      return fit(file, open.metadata().get(ModelSpec.METADATA_KEY), NamedTensors.of(open), hints);
    }
  }

  private static ImportedWeights fit(
      Path file, @Nullable String ownConfig, NamedTensors tensors, Hints hints) {
    String config = hints.config() != null ? config(hints.config()) : ownConfig;
    if (config == null) {
      throw new UserException(
          ("%s does not say its architecture: give it by --config FILE.json, with the official"
                  + " configuration")
              .formatted(file));
    }
    String where = String.valueOf(hints.config() != null ? hints.config() : file);
    ModelSpec.Parsed parsed = ModelSpec.parse(config, where);
    ModelSpec spec = parsed.spec();
    if (spec == null) {
      throw new UserException("%s cannot be used: %s".formatted(where, parsed.notSupported()));
    }
    ParameterTable table = table(spec, where);
    TensorMatch match = TensorMatch.of(file, tensors, table, hints.prefix());
    checkSize(file, table);
    float[] flat = new float[table.length()];
    for (ParameterTable.Entry entry : table.entries()) {
      tensors.read(match.prefix() + entry.name(), flat, Math.toIntExact(entry.offset()));
    }
    table.checkFinite(flat, file, match.prefix());
    return new ImportedWeights(
        spec, table, flat, match.prefix(), match.leftOut(), ignored(config, spec));
  }

  private static ParameterTable table(ModelSpec spec, String where) {
    try {
      return spec.network().parameters();
    } catch (ArithmeticException e) {
      throw new UserException(
          "the 'config' of %s describes a network that is too large".formatted(where), e);
    }
  }

  /** Several tensors may share a storage, so that a small file could ask for much memory. */
  private static void checkSize(Path file, ParameterTable table) {
    try {
      if (table.length() > Files.size(file)) {
        throw new UserException(
            "%s has fewer bytes than its network has parameters".formatted(file));
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static String config(Path file) {
    if (!String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".json")) {
      try (Safetensors open = Safetensors.open(file)) {
        String config = open.metadata().get(ModelSpec.METADATA_KEY);
        if (config == null) {
          throw new UserException("--config %s has no 'config' in its header".formatted(file));
        }
        return config;
      }
    }
    RegularFiles.check(file);
    try {
      if (Files.size(file) > MAX_CONFIG_BYTES) {
        throw new UserException("--config %s is larger than a configuration is".formatted(file));
      }
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static List<String> ignored(String config, ModelSpec spec) {
    try {
      ObjectMapper json = new ObjectMapper();
      JsonNode known = json.readTree(spec.toJson());
      List<String> ignored = new ArrayList<>();
      json.readTree(config)
          .fieldNames()
          .forEachRemaining(
              key -> {
                if (!known.has(key) && !MEANT_FOR_OTHERS.contains(key)) {
                  ignored.add(key.replaceAll("\\p{Cntrl}", "?"));
                }
              });
      return ignored;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("it was read as JSON before", e);
    }
  }

  /** Writes them as weights of our own. */
  public void write(Path out) {
    Weights.write(out, spec, table, flat, Map.of());
  }
}
