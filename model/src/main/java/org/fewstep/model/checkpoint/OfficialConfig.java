package org.fewstep.model.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.UserException;

/**
 * The official code's configuration of a network, as it stands in a file's header.
 *
 * @param where file to name in errors
 */
record OfficialConfig(JsonNode json, String where) {
  // Far above every network there is: a header must not make names for tensors without end.
  private static final int MAX_INTEGER = 1 << 20;
  private static final int MAX_LAYERS = 1000;
  private static final int MAX_LIST = 64;

  boolean has(String key) {
    return json.hasNonNull(key);
  }

  String text(String key, String otherwise) {
    return json.path(key).asText(otherwise);
  }

  boolean truth(String key, boolean otherwise) {
    return json.path(key).asBoolean(otherwise);
  }

  double real(String key, double otherwise) {
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
      throw refuse("no usable '" + key + "'");
    }
    return value.asDouble();
  }

  /** A number above 0. */
  double positive(String key, double otherwise) {
    double value = real(key, otherwise);
    if (value <= 0) {
      throw refuse("no usable '" + key + "'");
    }
    return value;
  }

  /** A number that every such network needs. */
  int integer(String key) {
    if (!has(key)) {
      throw refuse("no '" + key + "'");
    }
    return integer(key, 0);
  }

  int integer(String key, int otherwise) {
    JsonNode value = json.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.canConvertToInt() || value.asInt() < 0 || value.asInt() > MAX_INTEGER) {
      throw refuse("no usable '" + key + "'");
    }
    return value.asInt();
  }

  /** A number of layers. */
  int layers(String key, int otherwise) {
    int layers = integer(key, otherwise);
    if (layers > MAX_LAYERS) {
      throw refuse("no usable '" + key + "'");
    }
    return layers;
  }

  List<Integer> integers(String key, List<Integer> otherwise) {
    if (!json.path(key).isArray()) {
      return otherwise;
    }
    if (json.get(key).size() > MAX_LIST) {
      throw refuse("no usable '" + key + "'");
    }
    List<Integer> values = new ArrayList<>();
    json.get(key).forEach(value -> values.add(value.asInt()));
    return values;
  }

  UserException refuse(String lack) {
    return new UserException("the 'config' of " + where + " has " + lack);
  }
}
