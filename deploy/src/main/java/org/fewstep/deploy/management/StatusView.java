package org.fewstep.deploy.management;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.fewstep.deploy.output.Columns;
import org.fewstep.deploy.output.Numbers;

/** A run's status on one screen, for people. */
public final class StatusView {
  private StatusView() {}

  /** The lines of a status as {@code GET /training/status} gives it. */
  public static List<String> lines(JsonNode status) {
    List<String> lines = new ArrayList<>();
    long images = status.path("images").asLong();
    long total = status.path("total_images").asLong();
    lines.add(
        "  run         %s, %s of %s images (%d %%), version %s, epoch %d"
            .formatted(
                status.path("phase").asText(),
                Numbers.grouped(images),
                Numbers.grouped(total),
                total == 0 ? 100 : Math.min(100, 100 * images / total),
                Numbers.grouped(status.path("version").asLong()),
                status.path("epoch").asLong()));
    lines.add(
        String.format(
            Locale.ROOT,
            "  speed       %.1f images/s, loss %s, learning rate %s, %s left",
            status.path("images_per_s").asDouble(),
            number(status.path("loss")),
            number(status.path("learning_rate")),
            Numbers.duration(
                Math.max(0, total - images) / status.path("images_per_s").asDouble())));
    JsonNode schedule = status.path("schedule");
    lines.add(
        "  evaluation  schedule version %d%s, %s, %s"
            .formatted(
                schedule.path("version").asLong(),
                schedule.path("paused").asBoolean() ? " (paused)" : "",
                Numbers.counted(schedule.path("entries").asLong(), "entr")
                    .replaceAll("entrs$", "entries")
                    .replaceAll("entr$", "entry"),
                status.path("evaluators").isEmpty()
                    ? "nobody evaluates"
                    : "evaluated by " + words(status.path("evaluators"))));
    for (JsonNode evaluation : status.path("evaluations")) {
      lines.add(
          "  under way   %s of %s at %s images: %d of %d parts"
              .formatted(
                  evaluation.path("entry").asText(),
                  evaluation.path("track").asText(),
                  Numbers.grouped(evaluation.path("images").asLong()),
                  evaluation.path("parts_done").asLong(),
                  evaluation.path("parts").asLong()));
    }
    JsonNode problems = status.path("health").path("problems");
    if (problems.isEmpty()) {
      lines.add("  health      well");
    }
    for (JsonNode problem : problems) {
      lines.add(
          "  health      %s %s: %s"
              .formatted(
                  problem.path("check").asText(),
                  problem.path("subject").asText(),
                  problem.path("reason").asText()));
    }
    for (List<String> table : List.of(nodes(status), trainers(status), scores(status))) {
      if (!table.isEmpty()) {
        lines.add("");
        lines.addAll(table);
      }
    }
    return lines;
  }

  private static List<String> nodes(JsonNode status) {
    Columns nodes = new Columns("node", "status", "roles");
    for (JsonNode member : status.path("members")) {
      nodes.add(
          member.path("node").asText(),
          member.path("reachable").asBoolean() ? member.path("status").asText() : "does not answer",
          words(member.path("roles")));
    }
    return nodes.lines();
  }

  private static List<String> trainers(JsonNode status) {
    Columns trainers =
        new Columns("trainer", "node", "device", " staleness", " last step", " a step", " images");
    for (JsonNode trainer : status.path("trainers")) {
      trainers.add(
          trainer.path("trainer").asText(),
          trainer.path("node").asText(),
          trainer.path("device").asText(),
          Long.toString(trainer.path("staleness").asLong()),
          seconds(trainer, "last_step_seconds_ago", "%.1f s ago"),
          seconds(trainer, "step_seconds", "%.2f s"),
          Numbers.grouped(trainer.path("images").asLong()));
    }
    return trainers.lines();
  }

  private static List<String> scores(JsonNode status) {
    Columns scores =
        new Columns("score", " value", " steps", " images", "track", "sampler", " samples");
    for (JsonNode score : status.path("scores")) {
      scores.add(
          score.path("metric").asText(),
          number(score.path("value")),
          Long.toString(score.path("steps").asLong()),
          Numbers.grouped(score.path("images").asLong()),
          score.path("track").asText(),
          score.path("sampler").asText(),
          Numbers.grouped(score.path("samples").asLong()));
    }
    return scores.lines();
  }

  private static String seconds(JsonNode trainer, String key, String format) {
    boolean none = trainer.path("steps").asLong() + trainer.path("refused").asLong() == 0;
    return none ? "-" : String.format(Locale.ROOT, format, trainer.path(key).asDouble());
  }

  /** Trainers whose work was counted and whose node answers. */
  public static long trainersAtWork(JsonNode status) {
    Set<String> silent = new HashSet<>();
    for (JsonNode member : status.path("members")) {
      if (!member.path("reachable").asBoolean()) {
        silent.add(member.path("node").asText());
      }
    }
    long working = 0;
    for (JsonNode trainer : status.path("trainers")) {
      if (trainer.path("steps").asLong() > 0 && !silent.contains(trainer.path("node").asText())) {
        working++;
      }
    }
    return working;
  }

  private static String words(JsonNode list) {
    List<String> words = new ArrayList<>();
    list.forEach(word -> words.add(word.asText()));
    return String.join(", ", words);
  }

  private static String number(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.4g", value.asDouble()) : "unknown";
  }
}
