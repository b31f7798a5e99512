package org.fewstep.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Enum constants as users write them: {@code SIMPLE_EDM} is {@code simple-edm}. */
public final class Choices {
  private Choices() {}

  /** The name that a user writes, and that files carry, for this constant. */
  public static String nameOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** All names of an enum, in the order of its constants. */
  public static <E extends Enum<E>> List<String> names(Class<E> type) {
    return Arrays.stream(type.getEnumConstants()).map(Choices::nameOf).toList();
  }

  /**
   * The constant of that name.
   *
   * @param subject what the user set, the beginning of the sentence that refuses it: {@code
   *     --sampler}
   * @throws UserException when no constant has that name; the sentence lists the choices
   */
  public static <E extends Enum<E>> E parse(Class<E> type, String name, String subject) {
    for (E constant : type.getEnumConstants()) {
      if (nameOf(constant).equals(name)) {
        return constant;
      }
    }
    throw new UserException(subject + " " + mustBeOneOf(names(type), "\"" + name + "\""));
  }

  static String mustBeOneOf(List<String> names, String given) {
    return (names.size() == 1 ? "must be " : "must be one of ")
        + String.join(", ", names)
        + ", but is "
        + given;
  }
}
