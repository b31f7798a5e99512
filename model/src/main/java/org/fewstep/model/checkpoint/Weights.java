package org.fewstep.model.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.network.ParameterTable;

/**
 * Weights of a step model as safetensors under the official names, with the model in the header.
 */
public final class Weights {
  /**
   * What all names in a file begin with: the preconditioning holds the network as {@code model}.
   */
  public static final String PREFIX = "model.";

  private static final int MAX_LISTED = 20;

  private Weights() {}

  /** Writes aside and renames. */
  public static void write(
      Path file, ModelSpec spec, ParameterTable table, float[] flat, Map<String, String> more) {
    Map<String, String> metadata = new LinkedHashMap<>(more);
    metadata.put("kind", "weights");
    metadata.put(ModelSpec.METADATA_KEY, spec.toJson());
    Safetensors.write(file, tensors(table, flat), metadata);
  }

  /** The flat vector cut into named tensors, not copied. */
  static Map<String, Tensor> tensors(ParameterTable table, float[] flat) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterTable.Entry entry : table.entries()) {
      tensors.put(
          PREFIX + entry.name(),
          Tensor.slice(flat, Math.toIntExact(entry.offset()), entry.shape()));
    }
    return tensors;
  }

  /**
   * The model that a weights file describes.
   *
   * @throws UserException if the header says nothing of it, or something that is not built
   */
  public static StepModelSpec spec(Path file, Safetensors open) {
    String json = open.metadata().get(ModelSpec.METADATA_KEY);
    if (json == null) {
      throw new UserException(
          file + " has no 'config' in its header, so the network it belongs to is unknown");
    }
    return StepModelSpec.parse(json, file.toString());
  }

  /**
   * As {@link #read}, for weights that another program may have written.
   *
   * @throws UserException also if a tensor holds NaN or an infinity
   */
  static float[] readFinite(Path file, Safetensors open, ParameterTable table) {
    float[] flat = read(file, open, table);
    table.checkFinite(flat, file, PREFIX);
    return flat;
  }

  /**
   * Reads all tensors of a table into one flat vector; surplus tensors are ignored. Room is made
   * for them when the file is known to hold them.
   *
   * @throws UserException naming the tensors that are missing or misshapen
   */
  public static float[] read(Path file, Safetensors open, ParameterTable table) {
    checkShapes(file, open, table);
    float[] flat = new float[table.length()];
    for (ParameterTable.Entry entry : table.entries()) {
      open.readFloats(PREFIX + entry.name(), flat, Math.toIntExact(entry.offset()));
    }
    return flat;
  }

  private static void checkShapes(Path file, Safetensors open, ParameterTable table) {
    TreeSet<String> missing = new TreeSet<>();
    for (ParameterTable.Entry entry : table.entries()) {
      String name = PREFIX + entry.name();
      if (!open.names().contains(name)) {
        missing.add(name);
      } else if (!Arrays.equals(open.shape(name), entry.shape())) {
        throw new UserException(
            "%s has %s with shape %s, but its network needs %s"
                .formatted(
                    file, name, Arrays.toString(open.shape(name)), Arrays.toString(entry.shape())));
      }
    }
    if (!missing.isEmpty()) {
      String more =
          missing.size() > MAX_LISTED ? " and %d more".formatted(missing.size() - MAX_LISTED) : "";
      throw new UserException(
          missing.stream()
              .limit(MAX_LISTED)
              .collect(Collectors.joining(", ", file + " lacks tensors of its network: ", more)));
    }
  }
}
