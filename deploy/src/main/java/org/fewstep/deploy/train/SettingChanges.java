package org.fewstep.deploy.train;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which settings of a run's mathematics a resumed run has that its checkpoint has not. */
final class SettingChanges {
  /** What a run may change at any time; the data set is compared by its fingerprint. */
  private static final List<String> FREE =
      List.of(
          "images",
          "trainers",
          "threads",
          "data.path",
          "evaluation.",
          "checkpoint.",
          "log.",
          "management.",
          "pekko.");

  private SettingChanges() {}

  /** Each change as {@code KEY THEN -> NOW}, in the order of the keys. */
  static List<String> between(Config then, Config now) {
    Map<String, ConfigValue> before = values(then);
    Map<String, ConfigValue> after = values(now);
    TreeSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    List<String> changes = new ArrayList<>();
    for (String key : keys) {
      ConfigValue old = before.get(key);
      ConfigValue present = after.get(key);
      if (!isFree(key) && !same(old, present)) {
        changes.add("%s %s -> %s".formatted(key, text(old), text(present)));
      }
    }
    return changes;
  }

  private static Map<String, ConfigValue> values(Config config) {
    Map<String, ConfigValue> values = new TreeMap<>();
    config.entrySet().forEach(entry -> values.put(entry.getKey(), entry.getValue()));
    return values;
  }

  private static boolean isFree(String key) {
    return FREE.stream()
        .anyMatch(free -> free.endsWith(".") ? key.startsWith(free) : key.equals(free));
  }

  private static boolean same(@Nullable ConfigValue a, @Nullable ConfigValue b) {
    return text(a).equals(text(b)) || (number(a) != null && equal(number(a), number(b)));
  }

  /** 2e-4 is 0.0002, and 1 is 1.0. */
  private static boolean equal(@Nullable BigDecimal a, @Nullable BigDecimal b) {
    return a != null && b != null && a.compareTo(b) == 0;
  }

  private static @Nullable BigDecimal number(@Nullable ConfigValue value) {
    try {
      return new BigDecimal(text(value));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static String text(@Nullable ConfigValue value) {
    if (value == null) {
      return "unset";
    }
    return value.valueType() == ConfigValueType.STRING
        ? String.valueOf(value.unwrapped())
        : value.render(ConfigRenderOptions.concise());
  }
}
