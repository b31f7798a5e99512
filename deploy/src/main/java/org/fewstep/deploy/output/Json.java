package org.fewstep.deploy.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One JSON object on one line. Keys keep their order; numbers that are not finite become null. */
public final class Json {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ObjectNode object;

  private Json(ObjectNode object) {
    this.object = object;
  }

  /** An empty object. */
  public static Json object() {
    return new Json(MAPPER.createObjectNode());
  }

  /** An object that says first what it is about. */
  public static Json event(String name) {
    return object().put("event", name);
  }

  public Json put(String key, @Nullable String value) {
    object.put(key, value);
    return this;
  }

  public Json put(String key, long value) {
    object.put(key, value);
    return this;
  }

  public Json put(String key, boolean value) {
    object.put(key, value);
    return this;
  }

  public Json put(String key, double value) {
    object.put(key, Double.isFinite(value) ? value : null);
    return this;
  }

  public Json put(String key, Json value) {
    object.set(key, value.object);
    return this;
  }

  /** Puts an array of strings or numbers. */
  public Json put(String key, List<?> values) {
    object.set(key, MAPPER.valueToTree(values));
    return this;
  }

  /** Adds all keys of another object. */
  public Json putAll(Json other) {
    object.setAll(other.object);
    return this;
  }

  /**
   * Reads an object.
   *
   * @throws IllegalArgumentException if the text is none
   */
  public static Json parse(String text) {
    try {
      if (MAPPER.readTree(text) instanceof ObjectNode object) {
        return new Json(object);
      }
      throw new IllegalArgumentException("not a JSON object: " + text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a JSON object: " + text, e);
    }
  }

  /** The JSON text of what a key holds, null when there is no such key. */
  public String get(String key) {
    return String.valueOf(object.get(key));
  }

  /** Whether there is such a key. */
  public boolean has(String key) {
    return object.has(key);
  }

  /** What a key holds, as text. */
  public String text(String key) {
    return object.path(key).asText();
  }

  /** The object as a tree, to be read. */
  public JsonNode tree() {
    return object;
  }

  /** The object without line breaks. */
  @Override
  public String toString() {
    return object.toString();
  }
}
