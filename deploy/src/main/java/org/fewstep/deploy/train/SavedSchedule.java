package org.fewstep.deploy.train;

import java.util.List;
import org.fewstep.actors.management.ScheduleJson;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.protocol.EvaluationSchedule;

/**
 * The evaluation schedules of a run, in {@code evaluation-schedule.jsonl}: a line for each that was
 * set while it went on, with the one of the settings at that time. A resumed run goes on with the
 * last of them, unless its settings ask for other evaluations than they did then.
 */
final class SavedSchedule {
  private static final String SCHEDULE = "schedule";
  private static final String SETTINGS = "settings";

  private final RunFolder folder;
  private final EvaluationSchedule settings;

  /**
   * @param settings what the run's settings ask for
   */
  SavedSchedule(RunFolder folder, EvaluationSchedule settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /** The schedule to begin or to go on with. */
  EvaluationSchedule inForce(Console console) {
    List<String> lines = folder.schedules();
    if (lines.isEmpty()) {
      return settings;
    }
    Json last = json(lines);
    EvaluationSchedule saved = parse(last, SCHEDULE);
    if (parse(last, SETTINGS).entries().equals(settings.entries())) {
      return saved;
    }
    console.note(
        ("fewstep: the evaluation settings have changed, so they hold instead of version %d of the"
                + " schedule, which was set while the run went on")
            .formatted(saved.version()));
    return settings.withVersion(saved.version() + 1);
  }

  private Json json(List<String> lines) {
    try {
      return Json.parse(lines.get(lines.size() - 1));
    } catch (IllegalArgumentException e) {
      throw new UserException(
          "%s line %d is no JSON; remove it, so that the schedule before it holds"
              .formatted(file(), lines.size()),
          e);
    }
  }

  private String file() {
    return folder.root() + "/evaluation-schedule.jsonl";
  }

  private EvaluationSchedule parse(Json line, String key) {
    return ScheduleJson.parse(line.get(key), file());
  }

  /** Another schedule holds. */
  void replaced(EvaluationSchedule schedule, long images) {
    folder.appendSchedule(
        Json.object()
            .put("images", images)
            .put(SCHEDULE, Json.parse(ScheduleJson.toLine(schedule)))
            .put(SETTINGS, Json.parse(ScheduleJson.toLine(settings)))
            .toString());
  }
}
