package org.fewstep.config;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes records from a resolved HOCON tree, by reflection over their components.
 *
 * <p>A component {@code fooBar} is read from the key {@code foo-bar}. It may be a record, a sealed
 * interface of records (chosen by the key {@code kind}, or what {@link ChosenBy} says), a list, an
 * enum, a number, a boolean, a string, an {@link OptionalInt}, or a {@link Config} (any group,
 * unchecked). Every key must have a component and every component but an optional one a key. Null
 * counts as absent.
 *
 * <p>Strings that spell a number or a boolean pass for one, as everywhere in HOCON: values that
 * come from environment variables are always strings.
 */
final class Binder {
  private static final Map<String, Boolean> BOOLEANS =
      Map.of("true", true, "yes", true, "on", true, "false", false, "no", false, "off", false);
  private static final int LONGEST_QUOTE = 60;

  private final Set<String> known;
  private final boolean json;

  private Binder(Set<String> known, boolean json) {
    this.known = known;
    this.json = json;
  }

  /**
   * @throws UserException when a key is unknown, missing or refused; the sentence names the key and
   *     where it was written
   */
  static <T extends Record> T bind(Class<T> type, Config config) {
    return new Binder(Keys.of(type).keySet(), false).bindRecord(type, config.root(), "", "");
  }

  /**
   * As {@link #bind} from keys in snake_case: {@code foo_bar}. Elements of lists go by their names
   * where they have any.
   */
  static <T extends Record> T bindJson(Class<T> type, Config config) {
    Set<String> known =
        Keys.of(type).keySet().stream().map(Keys::snake).collect(Collectors.toUnmodifiableSet());
    return new Binder(known, true).bindRecord(type, config.root(), "", "");
  }

  private String spelled(String key) {
    return json ? Keys.snake(key) : key;
  }

  private <T> T bindRecord(Class<T> type, ConfigObject object, String path, String chooser) {
    RecordComponent[] components = type.getRecordComponents();
    refuseUnknownKeys(object, path, chooser, components);
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String key = spelled(Keys.of(components[i]));
      types[i] = components[i].getType();
      values[i] = bindKey(components[i].getGenericType(), object.get(key), Keys.join(path, key));
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof InvalidSetting invalid) {
        throw refuse(object, path, invalid);
      }
      throw new IllegalStateException("the constructor of " + type.getName() + " failed", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type.getName() + " is no public record", e);
    }
  }

  private void refuseUnknownKeys(
      ConfigObject object, String path, String chooser, RecordComponent[] components) {
    var unknown = new TreeMap<String, ConfigValue>(object);
    Arrays.stream(components).map(Keys::of).map(this::spelled).forEach(unknown::remove);
    unknown.remove(chooser);
    if (unknown.isEmpty()) {
      return;
    }
    String fullPath = Keys.join(path, unknown.firstKey());
    String plainPath = fullPath.replaceAll("\\[[^\\]]*]", "");
    if (!chooser.isEmpty() && known.contains(plainPath)) {
      throw Origins.refuse(
          fullPath,
          unknown.firstEntry().getValue(),
          "belongs to another %s than %s, which is chosen"
              .formatted(chooser, chosen(object, chooser)));
    }
    var others = new TreeSet<String>(known);
    others.remove(plainPath);
    throw Origins.refuse(
        fullPath,
        unknown.firstEntry().getValue(),
        "is not a known key"
            + (chooser.isEmpty() ? "" : " of %s %s".formatted(chooser, chosen(object, chooser)))
            + "; the nearest is "
            + Nearest.key(plainPath, others));
  }

  private static Object chosen(ConfigObject object, String chooser) {
    return requireNonNull(object.get(chooser)).unwrapped();
  }

  private UserException refuse(ConfigObject object, String path, InvalidSetting invalid) {
    Config config = object.toConfig();
    String key = spelled(invalid.key());
    ConfigValue culprit = config.hasPath(key) ? config.getValue(key) : object;
    return Origins.refuse(Keys.join(path, key), culprit, invalid.problem());
  }

  private Object bindKey(Type type, @Nullable ConfigValue value, String path) {
    if (type == OptionalInt.class && isAbsent(value)) {
      return OptionalInt.empty();
    }
    return bindValue(type, present(value, path), path);
  }

  private static boolean isAbsent(@Nullable ConfigValue value) {
    return value == null || value.valueType() == ConfigValueType.NULL;
  }

  private ConfigValue present(@Nullable ConfigValue value, String path) {
    if (value == null || isAbsent(value)) {
      if (json) {
        throw new UserException(path + " is missing");
      }
      boolean inList = path.contains("[");
      throw new UserException(
          path
              + " is missing; set it in the file"
              + (inList ? "" : " or on the command line with " + path + "=..."));
    }
    return value;
  }

  private Object bindValue(Type type, ConfigValue value, String path) {
    Type element = Keys.elementOf(type);
    if (element != null) {
      return bindList(element, value, path);
    }
    if (type == Config.class) {
      return group(value, path).toConfig();
    }
    if (type == String.class) {
      return text(value, path);
    }
    if (type == boolean.class) {
      return truth(value, path);
    }
    if (type == double.class || type == Double.class) {
      return real(value, path);
    }
    if (type == int.class || type == Integer.class) {
      return (int) whole(value, path, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    if (type == long.class || type == Long.class) {
      return whole(value, path, Long.MIN_VALUE, Long.MAX_VALUE);
    }
    if (type == OptionalInt.class) {
      return OptionalInt.of((int) whole(value, path, Integer.MIN_VALUE, Integer.MAX_VALUE));
    }
    if (type instanceof Class<?> group && group.isRecord()) {
      return bindRecord(group, group(value, path), path, "");
    }
    if (type instanceof Class<?> group && group.isSealed()) {
      return bindKind(group, group(value, path), path);
    }
    if (type instanceof Class<?> choice && choice.isEnum()) {
      return bindEnum(choice, value, path);
    }
    throw new IllegalStateException("no binding for " + path + " of type " + type);
  }

  private Object bindKind(Class<?> sealed, ConfigObject object, String path) {
    String chooser = Keys.chooserOf(sealed);
    String kindPath = Keys.join(path, chooser);
    ConfigValue value = present(object.get(chooser), kindPath);
    var names = new ArrayList<String>();
    for (Class<?> permitted : sealed.getPermittedSubclasses()) {
      String name = Keys.kindOf(permitted);
      if (name.equals(value.unwrapped())) {
        return bindRecord(permitted, object, path, chooser);
      }
      names.add(name);
    }
    throw Origins.refuse(kindPath, value, Choices.mustBeOneOf(names, quote(value)));
  }

  private List<Object> bindList(Type element, ConfigValue value, String path) {
    if (!(value instanceof ConfigList list)) {
      throw wrongType(path, value, "a list such as [1, 2]");
    }
    var bound = new ArrayList<Object>();
    for (int i = 0; i < list.size(); i++) {
      bound.add(bindValue(element, list.get(i), path + "[" + label(list.get(i), i) + "]"));
    }
    return bound;
  }

  private String label(ConfigValue element, int index) {
    return json
            && element instanceof ConfigObject object
            && object.get("name") != null
            && object.get("name").valueType() == ConfigValueType.STRING
        ? String.valueOf(object.get("name").unwrapped())
        : Integer.toString(index);
  }

  private static Object bindEnum(Class<?> type, ConfigValue value, String path) {
    var names = new ArrayList<String>();
    for (Object constant : type.getEnumConstants()) {
      String name = Choices.nameOf((Enum<?>) constant);
      if (name.equals(value.unwrapped())) {
        return constant;
      }
      names.add(name);
    }
    throw Origins.refuse(path, value, Choices.mustBeOneOf(names, quote(value)));
  }

  private static ConfigObject group(ConfigValue value, String path) {
    if (value instanceof ConfigObject object) {
      return object;
    }
    throw wrongType(path, value, "a group of keys in braces");
  }

  private static String text(ConfigValue value, String path) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> spelled(value);
      case OBJECT, LIST, NULL -> throw wrongType(path, value, "a text");
    };
  }

  private static boolean truth(ConfigValue value, String path) {
    Boolean truth = BOOLEANS.get(String.valueOf(value.unwrapped()));
    if (truth == null) {
      throw wrongType(path, value, "true or false");
    }
    return truth;
  }

  private static double real(ConfigValue value, String path) {
    double real = number(value, path, "a number").doubleValue();
    if (Double.isInfinite(real)) {
      throw wrongType(path, value, "a number that fits 64 bits");
    }
    return real;
  }

  private static long whole(ConfigValue value, String path, long minimum, long maximum) {
    BigDecimal number = number(value, path, "a whole number");
    if (number.stripTrailingZeros().scale() > 0) {
      throw wrongType(path, value, "a whole number");
    }
    if (number.compareTo(BigDecimal.valueOf(minimum)) < 0
        || number.compareTo(BigDecimal.valueOf(maximum)) > 0) {
      throw wrongType(path, value, "a whole number from " + minimum + " to " + maximum);
    }
    return number.longValue();
  }

  private static BigDecimal number(ConfigValue value, String path, String expected) {
    if (value.valueType() == ConfigValueType.NUMBER
        || value.valueType() == ConfigValueType.STRING) {
      try {
        return new BigDecimal(spelled(value));
      } catch (NumberFormatException e) {
        throw wrongType(path, value, expected);
      }
    }
    throw wrongType(path, value, expected);
  }

  /** A scalar as it was written: 1e3 stays 1e3. */
  private static String spelled(ConfigValue scalar) {
    return scalar.atKey("scalar").getString("scalar");
  }

  private static UserException wrongType(String path, ConfigValue value, String expected) {
    return Origins.refuse(path, value, "must be " + expected + ", but is " + quote(value));
  }

  private static String quote(ConfigValue value) {
    String text = value.render(ConfigRenderOptions.concise());
    return text.length() <= LONGEST_QUOTE ? text : text.substring(0, LONGEST_QUOTE) + "...";
  }
}
