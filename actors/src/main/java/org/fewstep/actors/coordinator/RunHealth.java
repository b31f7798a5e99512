package org.fewstep.actors.coordinator;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is wrong with a run, with reasons. A run is ready when it has a trainer, and alive unless
 * something that ought to move has not moved for {@value #TIMES_MEDIAN} times as long as it usually
 * takes, and for half a minute at least.
 *
 * @param ready whether the run makes progress or is about to
 * @param alive whether nothing is stuck
 */
record RunHealth(boolean ready, boolean alive, List<Problem> problems) {
  static final int TIMES_MEDIAN = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration FIRST_PATIENCE = Duration.ofMinutes(10);
  private static final Duration EVALUATION_PATIENCE = Duration.ofMinutes(5);

  /**
   * When something came last.
   *
   * @param quietNanos since then
   * @param medianNanos between two of its kind; 0 before the first
   */
  record Pulse(long quietNanos, long medianNanos) {
    boolean isStuck() {
      long patience =
          medianNanos == 0
              ? FIRST_PATIENCE.toNanos()
              : Math.max(PATIENCE.toNanos(), TIMES_MEDIAN * medianNanos);
      return quietNanos > patience;
    }

    String words() {
      return medianNanos == 0
          ? String.format(Locale.ROOT, "nothing for %.0f s", quietNanos * 1e-9)
          : String.format(
              Locale.ROOT,
              "nothing for %.0f s, usually %.2f s",
              quietNanos * 1e-9,
              medianNanos * 1e-9);
    }
  }

  record TrainerPulse(String trainer, Pulse steps) {}

  /**
   * One thing that is wrong.
   *
   * @param check trainers, trainer, server, evaluator or disk
   * @param subject which one
   */
  record Problem(String check, String subject, String reason) {}

  static RunHealth of(List<TrainerPulse> trainers, Pulse updates, StatusBoard.Rest rest) {
    List<Problem> problems = new ArrayList<>();
    boolean held = rest.heldBackNanos() > 0;
    boolean training = rest.phase().equals("training");
    if (rest.evaluators().isEmpty() && !rest.evaluations().isEmpty()) {
      problems.add(new Problem("evaluator", "all", "evaluations are due and nobody makes them"));
    }
    if (rest.heldBackNanos() > EVALUATION_PATIENCE.toNanos()) {
      problems.add(
          new Problem(
              "evaluator",
              "all",
              String.format(
                  Locale.ROOT,
                  "behind schedule: training has been waiting for evaluations for %.0f s",
                  rest.heldBackNanos() * 1e-9)));
    }
    boolean stuck = false;
    // Whoever waits for evaluations is not to blame for being quiet.
    if (training && !held) {
      for (TrainerPulse trainer : trainers) {
        if (trainer.steps().isStuck()) {
          stuck = true;
          problems.add(
              new Problem("trainer", trainer.trainer(), "no step: " + trainer.steps().words()));
        }
      }
      if (!trainers.isEmpty() && updates.isStuck()) {
        stuck = true;
        problems.add(new Problem("server", "parameters", "no update: " + updates.words()));
      }
    }
    boolean ready = !training || !trainers.isEmpty();
    if (!ready) {
      problems.add(new Problem("trainers", "all", "no trainer takes part"));
    }
    return new RunHealth(ready, !stuck, List.copyOf(problems));
  }

  ObjectNode tree() {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode object = mapper.createObjectNode();
    object.put("ready", ready);
    object.put("alive", alive);
    ArrayNode list = object.putArray("problems");
    for (Problem problem : problems) {
      list.addObject()
          .put("check", problem.check())
          .put("subject", problem.subject())
          .put("reason", problem.reason());
    }
    return object;
  }
}
