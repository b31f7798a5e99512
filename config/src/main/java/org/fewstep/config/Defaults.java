package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * The values that a user need not write, from {@code defaults.conf}.
 *
 * <p>Besides plain keys that file has three sections which do not lie where their keys do: {@code
 * by-kind} holds what applies only to one kind of a group, so that no kind inherits another's keys,
 * {@code each} holds what applies to every element of a list, and {@code by-objective} what keys of
 * other groups are with one objective.
 */
final class Defaults {
  static final String BY_KIND = "by-kind";
  static final String EACH = "each";
  static final String BY_OBJECTIVE = "by-objective";

  private final Config byKind;
  private final Config each;
  private final Config byObjective;
  private final Config plain;

  Defaults() {
    Config all =
        ConfigFactory.parseString(Resources.text("defaults.conf"), Origins.named("defaults"));
    byKind = all.getConfig(BY_KIND);
    each = all.getConfig(EACH);
    byObjective = all.getConfig(BY_OBJECTIVE);
    plain = all.withoutPath(BY_KIND).withoutPath(EACH).withoutPath(BY_OBJECTIVE);
  }

  /** The user's tree, completed and with its substitutions resolved. */
  Config complete(Config user) {
    Config config =
        FormerNames.replaced(user.withFallback(ofObjective(user)).withFallback(plain).resolve());
    for (String group : byKind.root().keySet()) {
      config = config.withFallback(ofKind(group, config).atPath(group));
    }
    for (String list : each.root().keySet()) {
      config = completeElements(config, list);
    }
    return config;
  }

  /**
   * A file without the keys of a kind that what stands above it replaces by another: a preset that
   * says how its update rule works must not keep anybody from choosing another rule.
   */
  Config withoutReplacedKinds(Config file, Config above) {
    Config left = file;
    Config resolved = asFarAsPossible(file.withFallback(plain));
    for (String group : byKind.root().keySet()) {
      String chooser = Keys.join(group, Keys.chooserOf(typeOf(group)));
      if (asFarAsPossible(above).hasPath(chooser)) {
        var replaced = new TreeSet<>(ofKind(group, resolved).root().keySet());
        replaced.removeAll(ofKind(group, asFarAsPossible(above)).root().keySet());
        for (String key : replaced) {
          left = left.withoutPath(Keys.join(group, key));
        }
      }
    }
    return left;
  }

  private static Config asFarAsPossible(Config config) {
    return config.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
  }

  private Config ofObjective(Config user) {
    Config config = user.withFallback(plain).resolve();
    String kindPath = "objective.kind";
    Object kind = config.hasPath(kindPath) ? config.getValue(kindPath).unwrapped() : "";
    return byObjective.root().get(kind) instanceof ConfigObject defaults
        ? defaults.toConfig()
        : ConfigFactory.empty();
  }

  private Config ofKind(String group, Config config) {
    String kindPath = Keys.join(group, Keys.chooserOf(typeOf(group)));
    Object kind = config.hasPath(kindPath) ? config.getValue(kindPath).unwrapped() : "";
    return byKind.getObject(group).get(kind) instanceof ConfigObject defaults
        ? defaults.toConfig()
        : ConfigFactory.empty();
  }

  private static Class<?> typeOf(String group) {
    return Arrays.stream(RunConfig.class.getRecordComponents())
        .filter(component -> Keys.of(component).equals(group))
        .findFirst()
        .orElseThrow()
        .getType();
  }

  private Config completeElements(Config config, String path) {
    if (!config.hasPath(path) || !(config.getValue(path) instanceof ConfigList list)) {
      return config;
    }
    ConfigObject defaults = (ConfigObject) each.root().get(path);
    var completed = new ArrayList<ConfigValue>();
    for (ConfigValue element : list) {
      completed.add(element.withFallback(defaults));
    }
    return config.withValue(
        path, ConfigValueFactory.fromIterable(completed).withOrigin(list.origin()));
  }
}
