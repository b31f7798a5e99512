package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueType;
import java.io.File;
import java.util.List;

/**
 * What a run that distils another one takes over from it where it says nothing itself: the network,
 * and what makes a denoiser of it.
 */
final class TeacherSettings {
  private static final String KIND = "objective.kind";
  private static final String TEACHER = "objective.teacher";

  /** Beside a run's checkpoints, and in each of them. */
  private static final String SETTINGS = "config.conf";

  private static final List<String> GROUPS = List.of("network", "schedule", "parameterisation");

  private TeacherSettings() {}

  /** The groups, as they stand in the teacher's own settings; nothing where there are none. */
  static Config of(Config user) {
    Config run = user.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
    if (!isText(run, KIND)
        || !run.getString(KIND).equals(Keys.kindOf(ObjectiveConfig.MomentMatching.class))
        || !isText(run, TEACHER)) {
      return ConfigFactory.empty();
    }
    File settings = new File(run.getString(TEACHER), SETTINGS);
    if (!settings.isFile()) {
      return ConfigFactory.empty();
    }
    Config all =
        ConfigFactory.parseFile(
                settings, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF))
            .resolve();
    Config taken = ConfigFactory.empty();
    for (String group : GROUPS) {
      if (all.hasPath(group)) {
        taken = taken.withValue(group, all.getValue(group));
      }
    }
    return taken;
  }

  private static boolean isText(Config config, String key) {
    return config.hasPath(key) && config.getValue(key).valueType() == ConfigValueType.STRING;
  }
}
