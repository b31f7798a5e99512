package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.ParameterTable;

/** Weights that a run begins with in place of drawn ones. */
public final class InitialWeights {
  /** What training may change without changing what the weights compute. */
  private static final Set<String> FREE = Set.of("dropout", "eps", "T");

  private final Path file;
  private final StepModelSpec spec;

  private InitialWeights(Path file, StepModelSpec spec) {
    this.file = file;
    this.spec = spec;
  }

  /** What {@code init-from} names, found as by {@link #find(Path, StepModelSpec, String)}. */
  public static InitialWeights find(Path from, StepModelSpec spec) {
    return find(from, spec, "init-from = " + from);
  }

  /**
   * Finds weights and compares their architecture with a run's, by the file's header alone.
   *
   * @param setting that names them, with its value, for errors
   * @param from a weights file, a checkpoint or a run, of which the first EMA track counts
   * @throws UserException if there are none, or they belong to another architecture
   */
  public static InitialWeights find(Path from, StepModelSpec spec, String setting) {
    Path file = ModelSource.file(from);
    try (Safetensors open = Safetensors.open(file)) {
      StepModelSpec theirs = Weights.spec(file, open);
      checkArchitecture(theirs, spec, setting);
      return new InitialWeights(file, theirs);
    }
  }

  /**
   * Compares architectures alone, of weights that need not be there yet.
   *
   * @param setting that names the weights, with its value, for errors
   * @throws UserException if they differ
   */
  public static void checkArchitecture(StepModelSpec theirs, StepModelSpec spec, String setting) {
    List<String> differences = differences(theirs, spec);
    if (!differences.isEmpty()) {
      throw new UserException(
          "%s has weights of another architecture than this run's: %s"
              .formatted(setting, String.join(", ", differences)));
    }
  }

  /** The weights file. */
  public Path file() {
    return file;
  }

  /** What the weights belong to; differs from the run's in times and dropout at most. */
  public StepModelSpec spec() {
    return spec;
  }

  /**
   * The flat vector of parameters.
   *
   * @throws UserException naming the tensors that are missing or misshapen or not finite
   */
  public float[] read(ParameterTable table) {
    try (Safetensors open = Safetensors.open(file)) {
      return Weights.readFinite(file, open, table);
    }
  }

  /** Each as {@code KEY THERE there, HERE here}, in the official configuration's words. */
  private static List<String> differences(StepModelSpec there, StepModelSpec here) {
    try {
      ObjectMapper mapper = new ObjectMapper();
      JsonNode theirs = mapper.readTree(there.toJson());
      JsonNode ours = mapper.readTree(here.toJson());
      Set<String> keys = new TreeSet<>();
      theirs.fieldNames().forEachRemaining(keys::add);
      ours.fieldNames().forEachRemaining(keys::add);
      keys.removeAll(FREE);
      List<String> differences = new ArrayList<>();
      for (String key : keys) {
        if (!theirs.path(key).equals(ours.path(key))) {
          differences.add(
              "%s is %s there and %s here"
                  .formatted(key, text(theirs.path(key)), text(ours.path(key))));
        }
      }
      return differences;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a specification is always JSON", e);
    }
  }

  private static String text(JsonNode value) {
    return value.isMissingNode() ? "unset" : value.isTextual() ? value.asText() : value.toString();
  }
}
