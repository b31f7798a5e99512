package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/**
 * An evaluation schedule as a user writes it: a JSON object with {@code entries}, each with the
 * components of {@link EvaluationEntry} in snake_case. What an entry leaves out has the value that
 * {@code schedule-defaults.json} gives.
 *
 * @param entries with names of their own
 * @param version that the document says it is, or replaces; absent when it says none
 * @param paused whether nothing falls due
 */
public record ScheduleDocument(
    List<EvaluationEntry> entries, Optional<Long> version, boolean paused) {
  private static final String ENTRIES = "entries";

  /** What the binder reads. */
  record Content(List<EvaluationEntry> entries, OptionalInt version, boolean paused) {
    Content {
      List<String> names = entries.stream().map(EvaluationEntry::name).toList();
      Check.distinct(ENTRIES, names);
      if (version.isPresent()) {
        Check.atLeast("version", version.getAsInt(), 1);
      }
    }
  }

  public ScheduleDocument {
    entries = List.copyOf(entries);
  }

  /**
   * Reads a document.
   *
   * @param origin what error sentences call the text, such as its file
   * @throws UserException when it is none; one sentence names the entry and the key
   */
  public static ScheduleDocument parse(String json, String origin) {
    ConfigObject root;
    try {
      root =
          ConfigFactory.parseString(
                  json,
                  ConfigParseOptions.defaults()
                      .setSyntax(ConfigSyntax.JSON)
                      .setOriginDescription(origin))
              .root();
    } catch (ConfigException e) {
      throw Origins.notReadable(e);
    } catch (StackOverflowError e) {
      throw new UserException(
          origin + " has lists or groups in each other, far deeper than a schedule's are", e);
    }
    Content keys = Binder.bindJson(Content.class, complete(root).toConfig());
    return new ScheduleDocument(
        keys.entries(),
        keys.version().isPresent()
            ? Optional.of((long) keys.version().getAsInt())
            : Optional.empty(),
        keys.paused());
  }

  private static ConfigObject complete(ConfigObject root) {
    Config defaults = ConfigFactory.parseString(Resources.text("schedule-defaults.json"));
    ConfigObject completed =
        root.containsKey("paused")
            ? root
            : root.withValue("paused", ConfigValueFactory.fromAnyRef(false));
    if (!(root.get(ENTRIES) instanceof ConfigList list)) {
      return completed;
    }
    List<ConfigValue> entries = new ArrayList<>();
    for (ConfigValue entry : list) {
      entries.add(entry instanceof ConfigObject o ? o.withFallback(defaults.root()) : entry);
    }
    return completed.withValue(
        ENTRIES, ConfigValueFactory.fromIterable(entries).withOrigin(list.origin()));
  }

  /** Names of the entries, for people. */
  public String names() {
    return entries.stream().map(EvaluationEntry::name).collect(Collectors.joining(", "));
  }
}
