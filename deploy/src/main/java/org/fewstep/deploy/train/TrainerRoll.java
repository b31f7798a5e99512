package org.fewstep.deploy.train;

import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;

/** Who takes part, and what is said when they come and go. */
public final class TrainerRoll {
  private final Console console;
  private String howToJoin = "";
  private int present;
  private int most;

  /** Of a run that nodes come to. */
  public TrainerRoll(Console console) {
    this.console = console;
  }

  /** Of a run that nobody else can join: nothing is said. */
  static TrainerRoll quiet(Console console) {
    return new TrainerRoll(console.silent());
  }

  /** The command by which a node joins. */
  public synchronized void joinBy(String command) {
    howToJoin = command;
  }

  synchronized void joined(String trainer, long incarnation) {
    present++;
    most = Math.max(most, present);
    console.note("trainer %s joined (%s)".formatted(trainer, count()));
    console.json(event("trainer_joined", trainer).put("incarnation", incarnation));
  }

  synchronized void left(String trainer, long incarnation) {
    present--;
    console.note(
        present > 0
            ? "trainer %s left (%s)".formatted(trainer, count())
            : "trainer %s left; the run waits for another one: %s".formatted(trainer, howToJoin));
    console.json(event("trainer_left", trainer).put("incarnation", incarnation));
  }

  synchronized void reachable(String trainer, boolean reachable) {
    console.note(
        reachable
            ? "trainer %s answers again".formatted(trainer)
            : "trainer %s does not answer: its units go to others".formatted(trainer));
    console.json(event(reachable ? "trainer_reachable" : "trainer_unreachable", trainer));
  }

  synchronized void evaluatorJoined(String evaluator) {
    console.note("evaluator %s joined".formatted(evaluator));
    console.json(Json.event("evaluator_joined").put("evaluator", evaluator));
  }

  synchronized void evaluatorLeft(String evaluator) {
    console.note("evaluator %s left: its part goes to others".formatted(evaluator));
    console.json(Json.event("evaluator_left").put("evaluator", evaluator));
  }

  private Json event(String name, String trainer) {
    return Json.event(name).put("trainer", trainer).put("trainers", present);
  }

  private String count() {
    return present == 1 ? "1 trainer" : present + " trainers";
  }

  /** The most that took part at the same time, at least 1. */
  synchronized int most() {
    return Math.max(1, most);
  }
}
