package org.fewstep.config;

import java.util.Collection;
import java.util.Comparator;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** What the user may have meant. */
final class Nearest {
  private Nearest() {}

  /**
   * The name with the fewest edits from what was written; missing or surplus words count as one.
   */
  static String name(String written, Collection<String> names) {
    return names.stream().min(Comparator.comparingInt(name -> edits(written, name))).orElseThrow();
  }

  /** As {@link #name} for dotted keys, where a right last part in the wrong group is near too. */
  static String key(String written, Collection<String> keys) {
    return keys.stream()
        .min(Comparator.comparingInt(key -> keyDistance(written, key)))
        .orElseThrow();
  }

  private static int keyDistance(String written, String key) {
    int inAnotherGroup = 1 + edits(lastPart(written), lastPart(key));
    return Math.min(edits(written, key), inAnotherGroup);
  }

  private static String lastPart(String key) {
    return key.substring(key.lastIndexOf('.') + 1);
  }

  private static int edits(String a, String b) {
    boolean oneLacksWords = a.startsWith(b + "-") || b.startsWith(a + "-");
    return oneLacksWords ? 1 : LevenshteinDistance.getDefaultInstance().apply(a, b);
  }
}
