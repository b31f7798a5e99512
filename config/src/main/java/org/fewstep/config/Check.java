package org.fewstep.config;

import java.util.HashSet;
import java.util.List;

/** The range checks that the records' constructors share; each names the key it looks at. */
final class Check {
  private Check() {}

  static void atLeast(String key, long value, long minimum) {
    if (value < minimum) {
      throw new InvalidSetting(key, "must be at least " + minimum + ", but is " + value);
    }
  }

  static void between(String key, long value, long minimum, long maximum) {
    if (value < minimum || value > maximum) {
      throw new InvalidSetting(
          key, "must be between " + minimum + " and " + maximum + ", but is " + value);
    }
  }

  static void finite(String key, double value) {
    if (!Double.isFinite(value)) {
      throw new InvalidSetting(key, "must be a finite number, but is " + value);
    }
  }

  static void positive(String key, double value) {
    finite(key, value);
    if (value <= 0) {
      throw new InvalidSetting(key, "must be above 0, but is " + value);
    }
  }

  static void notNegative(String key, double value) {
    finite(key, value);
    if (value < 0) {
      throw new InvalidSetting(key, "must not be negative, but is " + value);
    }
  }

  /** In [0, 1). */
  static void fractionBelowOne(String key, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new InvalidSetting(key, "must be at least 0 and below 1, but is " + value);
    }
  }

  /** In [0, 1]. */
  static void fraction(String key, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new InvalidSetting(key, "must be between 0 and 1, but is " + value);
    }
  }

  static void notBlank(String key, String value) {
    if (value.isBlank()) {
      throw new InvalidSetting(key, "must not be empty");
    }
  }

  static void notEmpty(String key, List<?> values) {
    if (values.isEmpty()) {
      throw new InvalidSetting(key, "must list at least one value");
    }
  }

  static void eachBetween(String key, List<? extends Number> values, long minimum, long maximum) {
    for (Number value : values) {
      if (value.longValue() < minimum || value.longValue() > maximum) {
        throw new InvalidSetting(
            key,
            "must list values between " + minimum + " and " + maximum + ", but lists " + value);
      }
    }
  }

  static void distinct(String key, List<?> values) {
    var seen = new HashSet<Object>();
    for (Object value : values) {
      if (!seen.add(value)) {
        throw new InvalidSetting(key, "must list each value once, but repeats " + value);
      }
    }
  }
}
