package org.fewstep.deploy.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.fewstep.config.ScheduleDocument;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.management.ManagementClient;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows and changes what a run evaluates, while it goes on. */
@Command(
    name = "schedule",
    description = {
      "Shows and changes what a run evaluates, and when, while it goes on.",
      "",
      "The run must have been started by seed, or with management.port set."
    },
    synopsisSubcommandLabel = "COMMAND")
public final class ScheduleCommand implements Runnable {
  private static final String SCHEDULE = "/evaluation/schedule";

  /** Which run, and for whom to print. */
  static final class Target {
    @Option(
        names = "--at",
        defaultValue = ManagementClient.DEFAULT_ADDRESS,
        paramLabel = "HOST:PORT",
        description = "the run's management port (default: ${DEFAULT-VALUE})")
    private String at = ManagementClient.DEFAULT_ADDRESS;

    @Option(names = "--json", description = "print the answer as one JSON object")
    private boolean json;

    ManagementClient client() {
      return new ManagementClient(at);
    }

    int print(Json schedule) {
      Console console = Console.system(json);
      console.json(schedule);
      JsonNode tree = schedule.tree();
      console.human(
          "schedule version %d%s"
              .formatted(
                  tree.path("version").asLong(),
                  tree.path("paused").asBoolean() ? ", paused" : ""));
      for (JsonNode entry : tree.path("entries")) {
        console.human(line(entry));
      }
      return ExitCode.DONE;
    }

    private static String line(JsonNode entry) {
      String when = "";
      if (entry.path("every_images").asLong() > 0) {
        when += ", every %s images".formatted(Numbers.grouped(entry.path("every_images").asLong()));
      }
      if (entry.path("every_minutes").asDouble() > 0) {
        when += ", every %s minutes".formatted(entry.path("every_minutes").asText());
      }
      if (!entry.path("at_images").isEmpty()) {
        when += ", at %s images".formatted(words(entry.path("at_images")));
      }
      if (entry.path("at_end").asBoolean()) {
        when += ", at the end";
      }
      return "  %s: %s in %s steps by %s, %s of %s%s"
          .formatted(
              entry.path("name").asText(),
              words(entry.path("metrics")),
              words(entry.path("steps")),
              words(entry.path("samplers")),
              Numbers.counted(entry.path("samples").asLong(), "sample"),
              words(entry.path("tracks")),
              when.isEmpty() ? ", when asked for" : when);
    }

    private static String words(JsonNode list) {
      StringBuilder words = new StringBuilder();
      for (JsonNode one : list) {
        words.append(words.isEmpty() ? "" : ", ").append(one.asText());
      }
      return words.toString();
    }
  }

  @Override
  public void run() {
    throw new UserException(
        "say what to do with the schedule: show, set, pause, resume or run-now");
  }

  @Command(name = "show", description = "Shows the schedule that holds.")
  int show(@Mixin Target target) {
    return target.print(target.client().get(SCHEDULE));
  }

  @Command(
      name = "set",
      description = "Replaces the schedule by the one in a file; docs/management.md describes it.")
  int set(
      @Mixin Target target,
      @Parameters(paramLabel = "FILE", description = "a schedule as JSON") Path file,
      @Option(
              names = "--expected-version",
              paramLabel = "N",
              description =
                  "refuse unless the schedule to be replaced has this version (default: the file's"
                      + " own version, or else whichever holds)")
          @Nullable Long expectedVersion,
      @Option(
              names = "--running",
              defaultValue = "finish",
              paramLabel = "finish|cancel",
              description =
                  "what becomes of evaluations that are due and not done (default:"
                      + " ${DEFAULT-VALUE})")
          String running) {
    if (!List.of("finish", "cancel").contains(running)) {
      throw new UserException("--running must be finish or cancel, but is " + running);
    }
    String text = read(file);
    ScheduleDocument document = ScheduleDocument.parse(text, file.toString());
    ManagementClient client = target.client();
    long expected =
        expectedVersion != null
            ? expectedVersion
            : document
                .version()
                .orElseGet(() -> client.get(SCHEDULE).tree().path("version").asLong());
    return target.print(client.put(SCHEDULE + "?running=" + running, expected, text));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UserException(
          "cannot read the schedule %s: give a file with JSON".formatted(file), e);
    }
  }

  @Command(name = "pause", description = "Lets nothing fall due until it is resumed.")
  int pause(@Mixin Target target) {
    return target.print(target.client().post(SCHEDULE + "/pause"));
  }

  @Command(name = "resume", description = "Lets entries fall due again.")
  int resume(@Mixin Target target) {
    return target.print(target.client().post(SCHEDULE + "/resume"));
  }

  @Command(
      name = "run-now",
      description = "Evaluates the coming version of the parameters, also while paused.")
  int runNow(
      @Mixin Target target,
      @Parameters(
              arity = "0..*",
              paramLabel = "ENTRY",
              description = "entries to evaluate (default: all)")
          @Nullable List<String> entries) {
    String query =
        (entries == null ? List.<String>of() : entries)
            .stream()
                .map(name -> "entry=" + URLEncoder.encode(name, StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    Json ordered =
        target.client().post(SCHEDULE + "/run-now" + (query.isEmpty() ? "" : "?" + query));
    Console console = Console.system(target.json);
    console.json(ordered);
    console.human(
        "version %s is evaluated, after %s images"
            .formatted(
                Numbers.grouped(ordered.tree().path("version").asLong()),
                Numbers.grouped(ordered.tree().path("images").asLong())));
    return ExitCode.DONE;
  }
}
