package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Reads a run's settings. In order of precedence: overrides from the command line, the file, the
 * preset that the file builds on (its key {@code preset}), the defaults. Where one of these chooses
 * another kind of a group than what lies below, keys below that the kind does not have fall away.
 */
public final class RunConfigLoader {
  private static final String PRESET = "preset";
  private static final String PEKKO = "pekko";

  private RunConfigLoader() {}

  /**
   * Loads a preset by its name, or a file by its path, under overrides of the form {@code
   * key=value}; of two for the same key the later one holds.
   *
   * @throws UserException when there is no such preset or file, or the settings are no valid run
   */
  public static LoadedRun load(String presetOrFile, List<String> overrides) {
    try {
      return bind(parse(presetOrFile), Overrides.parse(overrides), Map.of());
    } catch (ConfigException e) {
      throw Origins.notReadable(e);
    }
  }

  /**
   * As {@link #load}, for a run of a study.
   *
   * @param planned settings of the study's runs by their folders, for a run that takes over the
   *     network of one that is not there yet
   */
  public static LoadedRun load(StudyRun run, Map<Path, LoadedRun> planned) {
    try {
      return bind(
          parse(run.entry().preset()), Overrides.parse(run.settings(), Origins.STUDY), planned);
    } catch (ConfigException e) {
      throw Origins.notReadable(e);
    }
  }

  /**
   * As {@link #load}, from a file's text.
   *
   * @param origin what error sentences call the text
   */
  public static LoadedRun fromText(String text, String origin, List<String> overrides) {
    try {
      return bind(
          onPreset(ConfigFactory.parseString(text, Origins.named(origin))),
          Overrides.parse(overrides),
          Map.of());
    } catch (ConfigException e) {
      throw Origins.notReadable(e);
    }
  }

  /**
   * Settings of Pekko alone.
   *
   * @param overrides of the form {@code pekko.key=value}
   * @return what stands below {@code pekko}
   * @throws UserException for any other key
   */
  public static Config pekko(List<String> overrides) {
    Config all = Overrides.parse(overrides);
    for (String key : all.root().keySet()) {
      if (!key.equals(PEKKO)) {
        throw new UserException(
            "the run's settings are given where it is led, not here: only keys below pekko may be"
                + " set, but there is "
                + key);
      }
    }
    return all.hasPath(PEKKO) ? all.getConfig(PEKKO) : ConfigFactory.empty();
  }

  /** HOCON text that names every setting, defaults included, and loads as the same run. */
  public static String render(Config resolved) {
    return resolved
        .root()
        .render(
            ConfigRenderOptions.defaults()
                .setJson(false)
                .setComments(false)
                .setOriginComments(false));
  }

  private static LoadedRun bind(Config file, Config above, Map<Path, LoadedRun> planned) {
    Defaults defaults = new Defaults();
    Config user = above.withFallback(defaults.withoutReplacedKinds(file, above));
    Config teacher = defaults.withoutReplacedKinds(TeacherSettings.of(user, planned), user);
    Config resolved = defaults.complete(user.withFallback(teacher));
    return new LoadedRun(Binder.bind(RunConfig.class, resolved), resolved);
  }

  private static Config parse(String presetOrFile) {
    if (Presets.names().contains(presetOrFile)) {
      return onPreset(Presets.parse(presetOrFile));
    }
    File file = new File(presetOrFile);
    if (!file.isFile()) {
      throw new UserException(
          "there is no preset or file '"
              + presetOrFile
              + "'; "
              + Presets.suggestionFor(presetOrFile));
    }
    return onPreset(
        ConfigFactory.parseFile(
            file,
            // A file's own path names its values, so that includes are named by theirs.
            ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false)));
  }

  private static Config onPreset(Config file) {
    ConfigValue preset = file.root().get(PRESET);
    if (preset == null) {
      return file;
    }
    String name = String.valueOf(preset.unwrapped());
    if (!Presets.names().contains(name)) {
      throw Origins.refuse(
          PRESET, preset, "names no preset: '" + name + "'; " + Presets.suggestionFor(name));
    }
    Config above = file.withoutPath(PRESET);
    return above.withFallback(
        new Defaults().withoutReplacedKinds(onPreset(Presets.parse(name)), above));
  }
}
