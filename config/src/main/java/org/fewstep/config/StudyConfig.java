package org.fewstep.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Runs that are trained to be compared.
 *
 * <p>A setting whose value is {@code study:NAME} names the folder of another run of the study, that
 * of the same seed if it has several, and is trained after it: {@code
 * objective.teacher=study:teacher}.
 *
 * @param folder for the runs
 * @param metric to compare by, such as {@code FD[fashion-cnn]}
 * @param settings of all runs, each {@code key=value}
 * @param runs with names of their own, in the order in which they are shown
 */
public record StudyConfig(String folder, String metric, List<String> settings, List<Entry> runs) {
  private static final String RUNS = "runs";
  private static final ConfigObject DEFAULTS = ConfigFactory.parseString("settings = []").root();
  private static final ConfigObject ENTRY_DEFAULTS =
      ConfigFactory.parseString("seeds = [0]").withFallback(DEFAULTS).root();

  /**
   * One way to train, repeated for each seed.
   *
   * @param name a-z, 0-9, dots and dashes
   * @param preset or file that it builds on
   * @param settings {@code key=value}, over those of all runs
   * @param seeds of its runs
   */
  public record Entry(String name, String preset, List<String> settings, List<Long> seeds) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]*");

    public Entry {
      settings = List.copyOf(settings);
      seeds = List.copyOf(seeds);
      if (!NAME.matcher(name).matches()) {
        throw new InvalidSetting(
            "name", "must consist of a-z, 0-9, dots and dashes, but is \"" + name + "\"");
      }
      Check.notEmpty("seeds", seeds);
      Check.distinct("seeds", seeds);
    }
  }

  public StudyConfig {
    settings = List.copyOf(settings);
    runs = List.copyOf(runs);
    Check.notBlank("folder", folder);
    Check.notBlank("metric", metric);
    Check.notEmpty(RUNS, runs);
    Check.distinct(RUNS, runs.stream().map(Entry::name).toList());
    StudyRun.inTrainingOrder(StudyRun.all(folder, settings, runs));
  }

  /**
   * Reads a study.
   *
   * @throws UserException if the file is not there or is no study; the sentence names file and key
   */
  public static StudyConfig load(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new UserException("there is no study file " + file);
    }
    try {
      ConfigObject root =
          ConfigFactory.parseFile(
                  file.toFile(),
                  ConfigParseOptions.defaults().setSyntax(ConfigSyntax.CONF).setAllowMissing(false))
              .resolve()
              .root();
      return Binder.bind(StudyConfig.class, complete(root).toConfig());
    } catch (ConfigException e) {
      throw Origins.notReadable(e);
    }
  }

  private static ConfigObject complete(ConfigObject root) {
    ConfigObject completed = root.withFallback(DEFAULTS);
    if (!(root.get(RUNS) instanceof ConfigList list)) {
      return completed;
    }
    List<ConfigValue> entries = new ArrayList<>();
    for (ConfigValue entry : list) {
      entries.add(entry instanceof ConfigObject o ? o.withFallback(ENTRY_DEFAULTS) : entry);
    }
    return completed.withValue(
        RUNS, ConfigValueFactory.fromIterable(entries).withOrigin(list.origin()));
  }

  /** Each entry's runs, one of each seed, in the order in which they are shown. */
  public List<StudyRun> all() {
    return StudyRun.all(folder, settings, runs);
  }

  /**
   * The same runs in the order in which they are trained: those whose weights others need first.
   */
  public List<StudyRun> inTrainingOrder() {
    return StudyRun.inTrainingOrder(all());
  }
}
