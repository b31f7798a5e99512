package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueType;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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

  /**
   * The groups, as they stand in the teacher's own settings; nothing where there are none.
   *
   * @param planned settings of runs that may not be there yet, by their folders
   */
  static Config of(Config user, Map<Path, LoadedRun> planned) {
    Config run = user.resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
    if (!isText(run, KIND)
        || !run.getString(KIND).equals(Keys.kindOf(ObjectiveConfig.MomentMatching.class))
        || !isText(run, TEACHER)) {
      return ConfigFactory.empty();
    }
    File teacher = new File(run.getString(TEACHER));
    File settings = new File(teacher, SETTINGS);
    LoadedRun plan = planned.get(teacher.toPath());
    if (!settings.isFile()) {
      return plan == null ? ConfigFactory.empty() : taken(plan.resolved());
    }
    return taken(
        ConfigFactory.parseFile(
                settings, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF))
            .resolve());
  }

  private static Config taken(Config all) {
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
