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
    return json.path(key).asDouble(otherwise);
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
    if (!value.canConvertToInt() || value.asInt() < 0) {
      throw refuse("no usable '" + key + "'");
    }
    return value.asInt();
  }

  List<Integer> integers(String key, List<Integer> otherwise) {
    if (!json.path(key).isArray()) {
      return otherwise;
    }
    List<Integer> values = new ArrayList<>();
    json.get(key).forEach(value -> values.add(value.asInt()));
    return values;
  }

  private UserException refuse(String lack) {
    return new UserException("the 'config' in the header of " + where + " has " + lack);
  }
}
