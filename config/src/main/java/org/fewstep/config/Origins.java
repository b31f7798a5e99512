package org.fewstep.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.regex.Pattern;

/** Where a setting was written, in words: {@code my.conf:12}, {@code command line}. */
final class Origins {
  static final String COMMAND_LINE = "command line";
  static final String STUDY = "the study's settings";
  private static final List<String> OVERRIDES = List.of(COMMAND_LINE, STUDY);

  /** A group that several places add to is named by the one that counts most. */
  private static final Pattern MERGED = Pattern.compile("^merge of ([^,]*),.*$");

  private static final Pattern LINE = Pattern.compile(": (\\d+)(-\\d+)?$");

  private Origins() {}

  /** For parsing HOCON whose values remember that they come from {@code name}. */
  static ConfigParseOptions named(String name) {
    return ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setOriginDescription(name);
  }

  static String where(ConfigOrigin origin) {
    String description = MERGED.matcher(origin.description()).replaceFirst("$1");
    return OVERRIDES.stream()
        .filter(description::startsWith)
        .findFirst()
        .orElseGet(() -> LINE.matcher(description).replaceFirst(":$1"));
  }

  /** The sentence that refuses one value. */
  static UserException refuse(String path, ConfigValue value, String problem) {
    return new UserException(path + " (" + where(value.origin()) + ") " + problem);
  }

  /** What the HOCON library has to say, as one sentence that begins with the place. */
  static UserException notReadable(ConfigException cause) {
    String message = String.valueOf(cause.getMessage());
    ConfigOrigin origin = cause.origin();
    if (origin == null) {
      return new UserException("the configuration cannot be read: " + message, cause);
    }
    String prefix = origin.description() + ": ";
    String reason = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    return new UserException(
        where(origin) + " cannot be read: " + reason.replaceAll("\\s+", " "), cause);
  }
}
