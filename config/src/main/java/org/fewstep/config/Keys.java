package org.fewstep.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The keys that a record stands for: its components' names in kebab case, nested ones dotted. */
final class Keys {
  /** Chooses among the permitted records of a sealed group that does not say otherwise. */
  private static final String KIND = "kind";

  private static final Pattern WORD_START = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

  private Keys() {}

  /** Every key below a record, groups included; the union of all kinds where a group has kinds. */
  static SortedMap<String, Type> of(Class<?> record) {
    var keys = new TreeMap<String, Type>();
    collect(record, "", keys);
    return keys;
  }

  /** {@code tMin} is {@code t-min}. */
  static String of(RecordComponent component) {
    return kebab(component.getName());
  }

  /** {@code UNet} is {@code unet}, {@code LocalSteps} is {@code local-steps}. */
  static String kindOf(Class<?> permitted) {
    return kebab(permitted.getSimpleName());
  }

  /** The key that chooses among the permitted records of a sealed group. */
  static String chooserOf(Class<?> sealed) {
    ChosenBy chosenBy = sealed.getAnnotation(ChosenBy.class);
    return chosenBy == null ? KIND : chosenBy.value();
  }

  private static String kebab(String name) {
    return WORD_START.matcher(name).replaceAll("-").toLowerCase(Locale.ROOT);
  }

  /** {@code t-min} as JSON spells it: {@code t_min}. */
  static String snake(String key) {
    return key.replace('-', '_');
  }

  static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  /** The element type of a list, or null when the type is no list. */
  static @Nullable Type elementOf(Type type) {
    return type instanceof ParameterizedType list ? list.getActualTypeArguments()[0] : null;
  }

  private static void collect(Type type, String path, SortedMap<String, Type> keys) {
    Type element = elementOf(type);
    if (element != null) {
      collect(element, path, keys);
    } else if (type instanceof Class<?> group && group.isSealed()) {
      keys.put(join(path, chooserOf(group)), String.class);
      for (Class<?> kind : group.getPermittedSubclasses()) {
        collect(kind, path, keys);
      }
    } else if (type instanceof Class<?> group && group.isRecord()) {
      for (RecordComponent component : group.getRecordComponents()) {
        String key = join(path, of(component));
        keys.put(key, component.getGenericType());
        collect(component.getGenericType(), key, keys);
      }
    }
  }
}
