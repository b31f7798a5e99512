package org.fewstep.model.metrics;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.fewstep.config.UserException;
import org.jspecify.annotations.Nullable;

/**
 * A feature network as a user names it: a name or a file, and settings after commas: {@code
 * inception.pth,resize=pytorch-fid}.
 */
record FeatureSource(String nameOrFile, Map<String, String> settings) {

  /**
   * Takes it apart.
   *
   * @throws UserException if a setting is given twice
   */
  static FeatureSource parse(String given) {
    String[] parts = given.split(",(?=[a-z]+=)", -1);
    Map<String, String> settings = new LinkedHashMap<>();
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      int equals = part.indexOf('=');
      String name = part.substring(0, equals);
      if (settings.put(name, part.substring(equals + 1)) != null) {
        throw new UserException(
            "the feature network '%s' has its setting '%s' twice; give it once"
                .formatted(given, name));
      }
    }
    return new FeatureSource(parts[0], settings);
  }

  /**
   * Refuses settings that the network does not have.
   *
   * @throws UserException naming those that it has
   */
  void allow(String... names) {
    TreeSet<String> unknown = new TreeSet<>(settings.keySet());
    unknown.removeAll(List.of(names));
    if (!unknown.isEmpty()) {
      throw new UserException(
          "the feature network %s has no setting '%s'; it has %s"
              .formatted(
                  nameOrFile,
                  unknown.first(),
                  names.length == 0 ? "none" : String.join(", ", names)));
    }
  }

  /** A setting's value; null where none was given. */
  @Nullable String setting(String name) {
    return settings.get(name);
  }
}
