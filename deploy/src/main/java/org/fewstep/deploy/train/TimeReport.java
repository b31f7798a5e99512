package org.fewstep.deploy.train;

import java.util.Locale;
import org.fewstep.actors.coordinator.TimeSplit;
import org.fewstep.deploy.output.Json;

/**
 * Where the wall time of a run went: the trainers' parts while they trained, then what came before
 * the first unit and after the last update. An evaluation that runs beside the training takes no
 * part of its own: it makes the steps slower.
 *
 * @param shares of the wall time, by the trainers' parts
 * @param evaluationShare after the last update: evaluations and checkpoints that were still due
 * @param startShare before the trainers began
 */
public record TimeReport(TimeSplit shares, double evaluationShare, double startShare) {
  /**
   * @param time of all trainers
   * @param wallSeconds of the whole run
   * @param endSeconds of it after the last update
   */
  TimeReport(TimeSplit time, int trainers, double wallSeconds, double endSeconds) {
    this(
        scaled(time.shares(), trainingShare(time, trainers, wallSeconds, endSeconds)),
        Math.min(1, endSeconds / wallSeconds),
        Math.max(
            0,
            1
                - Math.min(1, endSeconds / wallSeconds)
                - trainingShare(time, trainers, wallSeconds, endSeconds)));
  }

  /** What the trainers' time says, but no more than there is. */
  private static double trainingShare(
      TimeSplit time, int trainers, double wallSeconds, double endSeconds) {
    double most = Math.max(0, 1 - endSeconds / wallSeconds);
    return Math.min(most, time.total() / trainers / wallSeconds);
  }

  private static TimeSplit scaled(TimeSplit shares, double factor) {
    return new TimeSplit(
        shares.forward() * factor,
        shares.backward() * factor,
        shares.objective() * factor,
        shares.optimizer() * factor,
        shares.actors() * factor,
        shares.waitingForData() * factor,
        shares.waitingForOthers() * factor);
  }

  /** Actors, protocol and waiting: what the work itself would not need. */
  public double overheadShare() {
    return shares.actors() + shares.waitingForData() + shares.waitingForOthers();
  }

  static Json shares(TimeSplit shares) {
    return Json.object()
        .put("forward_share", shares.forward())
        .put("backward_share", shares.backward())
        .put("objective_share", shares.objective())
        .put("optimizer_share", shares.optimizer())
        .put("actors_share", shares.actors())
        .put("waiting_data_share", shares.waitingForData())
        .put("waiting_others_share", shares.waitingForOthers());
  }

  /** For scripts. */
  public Json json() {
    return shares(shares)
        .put("evaluation_share", evaluationShare)
        .put("start_share", startShare)
        .put("overhead_share", overheadShare());
  }

  /** For people. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "forward %.1f %%, backward %.1f %%, objective %.1f %%, optimizer %.1f %%, actors %.1f %%,"
            + " waiting for data %.1f %%, for others %.1f %%, last evaluation %.1f %%, start %.1f"
            + " %%",
        100 * shares.forward(),
        100 * shares.backward(),
        100 * shares.objective(),
        100 * shares.optimizer(),
        100 * shares.actors(),
        100 * shares.waitingForData(),
        100 * shares.waitingForOthers(),
        100 * evaluationShare,
        100 * startShare);
  }
}
