package org.fewstep.deploy.output;

import java.util.List;
import java.util.Locale;

/** Numbers as people read them. */
public final class Numbers {
  private Numbers() {}

  /** 12,345. */
  public static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** 563 MiB or 12.6 GiB. */
  public static String bytes(long value) {
    long mib = Math.round(value / 0x1p20);
    return mib < 1024 ? mib + " MiB" : String.format(Locale.ROOT, "%,.1f GiB", value / 0x1p30);
  }

  /** 1 image or 12,345 images. */
  public static String counted(long value, String thing) {
    return grouped(value) + " " + thing + (value == 1 ? "" : "s");
  }

  /** 1h02m, 3m05s or 9s; unknown for what is no number. */
  public static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return "unknown";
    }
    long s = Math.round(seconds);
    if (s >= 3600) {
      return String.format(Locale.ROOT, "%dh%02dm", s / 3600, s % 3600 / 60);
    }
    return s >= 60 ? String.format(Locale.ROOT, "%dm%02ds", s / 60, s % 60) : s + "s";
  }

  /** 1, 2 and 4. */
  public static String list(List<? extends Number> values) {
    List<String> texts = values.stream().map(v -> grouped(v.longValue())).toList();
    int last = texts.size() - 1;
    return last < 1
        ? String.join("", texts)
        : String.join(", ", texts.subList(0, last)) + " and " + texts.get(last);
  }
}
