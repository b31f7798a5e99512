package org.fewstep.deploy.management;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
    for (JsonNode member : status.path("members")) {
      lines.add(
          "  node        %s (%s): %s%s"
              .formatted(
                  member.path("node").asText(),
                  words(member.path("roles")),
                  member.path("status").asText(),
                  member.path("reachable").asBoolean() ? "" : ", does not answer"));
    }
    for (JsonNode trainer : status.path("trainers")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  trainer     %s on %s (%s): staleness %d, last step %.1f s ago, %.2f s a step, %s",
              trainer.path("trainer").asText(),
              trainer.path("node").asText(),
              trainer.path("device").asText(),
              trainer.path("staleness").asLong(),
              trainer.path("last_step_seconds_ago").asDouble(),
              trainer.path("step_seconds").asDouble(),
              Numbers.counted(trainer.path("images").asLong(), "image")));
    }
    JsonNode schedule = status.path("schedule");
    lines.add(
        "  evaluation  schedule version %d%s, %s, %s"
            .formatted(
                schedule.path("version").asLong(),
                schedule.path("paused").asBoolean() ? " (paused)" : "",
                Numbers.counted(schedule.path("entries").asLong(), "entr")
                    .replaceAll("entrs$", "entries")
                    .replaceAll("entr$", "entry"),
                Numbers.counted(status.path("evaluators").size(), "evaluator")));
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
    for (JsonNode score : status.path("scores")) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  score       %s %s in %d steps at %s images (%s, %s, %s)",
              score.path("metric").asText(),
              number(score.path("value")),
              score.path("steps").asLong(),
              Numbers.grouped(score.path("images").asLong()),
              score.path("track").asText(),
              score.path("sampler").asText(),
              Numbers.counted(score.path("samples").asLong(), "sample")));
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
    return lines;
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
