package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings given as {@code key=value} on the command line, or in a study.
 *
 * <p>The value is HOCON, with two comforts: where a text or a choice is expected it may hold
 * characters that HOCON reserves ({@code data.path=builtin:name}, {@code C:\images.zip}), and a
 * list may go without its brackets ({@code evaluation.steps=1,2,4}).
 */
final class Overrides {
  private static final Map<String, Type> KEYS = Keys.of(RunConfig.class);
  private static final String VALUE = "value";

  private final String origin;

  private Overrides(String origin) {
    this.origin = origin;
  }

  /** All overrides as one tree; of two for the same key the later one holds. */
  static Config parse(List<String> overrides) {
    return parse(overrides, Origins.COMMAND_LINE);
  }

  /**
   * As {@link #parse(List)}, given elsewhere.
   *
   * @param origin where; one that {@link Origins} knows
   */
  static Config parse(List<String> overrides, String origin) {
    Overrides parser = new Overrides(origin);
    Config all = ConfigFactory.empty(origin);
    for (String override : overrides) {
      all = parser.parse(override).withFallback(all);
    }
    return all;
  }

  private Config parse(String override) {
    int equals = override.indexOf('=');
    String path = override.substring(0, Math.max(equals, 0)).strip();
    String value = override.substring(equals + 1).strip();
    try {
      List<String> keys = ConfigUtil.splitPath(path);
      return nest(keys, valueOf(KEYS.get(String.join(".", keys)), value));
    } catch (ConfigException e) {
      throw new UserException(
          "the override '" + override + "' is not of the form key=value, as in optimizer.lr=2e-4",
          e);
    }
  }

  /** As {@link ConfigValue#atPath}, but the groups come from the same place too. */
  private Config nest(List<String> keys, ConfigValue value) {
    ConfigObject group = ConfigFactory.empty(origin).root();
    ConfigObject outer = group.withValue(keys.get(keys.size() - 1), value);
    for (int i = keys.size() - 2; i >= 0; i--) {
      outer = group.withValue(keys.get(i), outer);
    }
    return outer.toConfig();
  }

  private ConfigValue valueOf(@Nullable Type type, String text) {
    boolean written = text.startsWith("\"") || text.contains("${");
    if (!written && isText(type)) {
      return literal(text);
    }
    boolean bare = type != null && Keys.elementOf(type) != null && !text.startsWith("[");
    String hocon = VALUE + " = " + (bare && !written ? "[" + text + "]" : text);
    try {
      ConfigObject parsed = ConfigFactory.parseString(hocon, Origins.named(origin)).root();
      ConfigValue value = parsed.get(VALUE);
      return parsed.size() == 1 && value != null ? value : literal(text);
    } catch (ConfigException.Parse e) {
      return literal(text);
    }
  }

  private static boolean isText(@Nullable Type type) {
    return type == String.class || (type instanceof Class<?> choice && choice.isEnum());
  }

  private ConfigValue literal(String text) {
    return ConfigValueFactory.fromAnyRef(text, origin);
  }
}
