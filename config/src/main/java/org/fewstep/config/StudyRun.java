package org.fewstep.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One run of a study.
 *
 * @param entry that it belongs to
 * @param folder under the entry's name, and the seed if there are several
 * @param settings all that it sets over its preset, each {@code key=value}
 * @param sources folders of the study's runs that its settings name, which have to end before it
 *     begins
 */
public record StudyRun(
    StudyConfig.Entry entry, long seed, Path folder, List<String> settings, List<Path> sources) {
  /** Begins the value of a setting that is another run of the study. */
  private static final String REFERENCE = "study:";

  public StudyRun {
    settings = List.copyOf(settings);
    sources = List.copyOf(sources);
  }

  /**
   * All runs of a study, in the order of its entries.
   *
   * @throws InvalidSetting if two would lie in one folder, or a setting names no run
   */
  static List<StudyRun> all(String folder, List<String> common, List<StudyConfig.Entry> entries) {
    List<StudyRun> runs = new ArrayList<>();
    Set<Path> folders = new LinkedHashSet<>();
    for (StudyConfig.Entry entry : entries) {
      for (long seed : entry.seeds()) {
        StudyRun run = of(folder, common, entry, seed, entries);
        if (!folders.add(run.folder())) {
          throw refusal("must lie in folders of their own, but two would lie in " + run.folder());
        }
        runs.add(run);
      }
    }
    return runs;
  }

  private static StudyRun of(
      String folder,
      List<String> common,
      StudyConfig.Entry entry,
      long seed,
      List<StudyConfig.Entry> entries) {
    List<String> settings = new ArrayList<>();
    Set<Path> sources = new LinkedHashSet<>();
    List<String> written = new ArrayList<>(common);
    written.addAll(entry.settings());
    for (String setting : written) {
      int value = setting.indexOf('=') + 1;
      String text = setting.substring(value).strip();
      if (value == 0 || !text.startsWith(REFERENCE)) {
        settings.add(setting);
        continue;
      }
      StudyConfig.Entry named = named(text.substring(REFERENCE.length()), entry, setting, entries);
      Path source = folder(folder, named, seedOf(named, entry, seed, setting));
      sources.add(source);
      settings.add(setting.substring(0, value) + source);
    }
    settings.add("seed=" + seed);
    return new StudyRun(entry, seed, folder(folder, entry, seed), settings, List.copyOf(sources));
  }

  private static StudyConfig.Entry named(
      String name, StudyConfig.Entry by, String setting, List<StudyConfig.Entry> entries) {
    return entries.stream()
        .filter(entry -> entry.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                refusal(
                    "must name each other, but %s of %s names none; the nearest is %s"
                        .formatted(
                            setting,
                            by.name(),
                            Nearest.name(
                                name, entries.stream().map(StudyConfig.Entry::name).toList()))));
  }

  /** The run of the same seed, or the only one. */
  private static long seedOf(
      StudyConfig.Entry named, StudyConfig.Entry by, long seed, String setting) {
    if (named.seeds().contains(seed)) {
      return seed;
    }
    if (named.seeds().size() > 1) {
      throw refusal(
          "must tell which run is meant, but %s of %s has no seed %d in common with it"
              .formatted(setting, by.name(), seed));
    }
    return named.seeds().get(0);
  }

  private static Path folder(String folder, StudyConfig.Entry entry, long seed) {
    String name = entry.seeds().size() == 1 ? entry.name() : entry.name() + "-seed-" + seed;
    return Path.of(folder).resolve(name);
  }

  /**
   * The same runs, each after its sources, otherwise in the same order.
   *
   * @throws InvalidSetting if runs wait for each other
   */
  static List<StudyRun> inTrainingOrder(List<StudyRun> runs) {
    Map<Path, StudyRun> waiting = new LinkedHashMap<>();
    runs.forEach(run -> waiting.put(run.folder(), run));
    List<StudyRun> ordered = new ArrayList<>();
    while (!waiting.isEmpty()) {
      StudyRun next =
          waiting.values().stream()
              .filter(run -> run.sources().stream().noneMatch(waiting::containsKey))
              .findFirst()
              .orElseThrow(
                  () ->
                      refusal(
                          "must not need each other in a circle, as %s do"
                              .formatted(
                                  waiting.values().stream()
                                      .map(run -> run.entry().name())
                                      .distinct()
                                      .collect(Collectors.joining(", ")))));
      ordered.add(next);
      waiting.remove(next.folder());
    }
    return ordered;
  }

  private static InvalidSetting refusal(String problem) {
    return new InvalidSetting("runs", problem);
  }
}
