package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.fewstep.actors.coordinator.LeftOut;
import org.fewstep.actors.coordinator.RunListener;
import org.fewstep.actors.coordinator.RunProgress;
import org.fewstep.actors.coordinator.RunSummary;
import org.fewstep.actors.coordinator.TickStatistics;
import org.fewstep.actors.coordinator.TimeSplit;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.actors.management.ScheduleJson;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.deploy.output.ScoreTable;
import org.fewstep.deploy.output.TrainingView;
import org.fewstep.model.checkpoint.BestScores;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.io.TensorBoardEvents;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.fewstep.model.run.EarlyWarning;
import org.fewstep.protocol.EvaluationSchedule;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run's statistics and scores into its folder, as lines of JSON and for TensorBoard, and
 * shows them.
 */
final class RunRecorder implements RunListener, AutoCloseable {
  private final RunFolder folder;
  private final TensorBoardEvents events;
  private final Console console;
  private final TrainingView view;
  private final RunClock clock;
  private final DiskRefusals refusals;
  private final SampleGrids grids;
  private final BestScores best;
  private final EarlyWarning warning;
  private final SavedSchedule saved;
  private final TrainerRoll trainers;
  private int leftOut;
  private boolean headerShown;
  private boolean many;
  private volatile @Nullable Path newestCheckpoint;
  private volatile TimeSplit time = TimeSplit.NONE;
  private volatile long newestUpdateNanos = System.nanoTime();

  RunRecorder(
      RunFolder folder,
      Console console,
      TrainingView view,
      RunStart start,
      RunClock clock,
      DiskRefusals refusals,
      BestScores best,
      EarlyWarning warning,
      SavedSchedule saved,
      TrainerRoll trainers) {
    this.saved = saved;
    this.folder = folder;
    // What TensorBoard shows behind the images to go on from belongs to a process that was lost.
    this.events =
        TensorBoardEvents.create(
            folder.root(), System.currentTimeMillis() / 1000, start.images() + 1);
    this.clock = clock;
    this.refusals = refusals;
    this.grids = new SampleGrids(folder, refusals);
    this.best = best;
    this.warning = warning;
    this.trainers = trainers;
    this.console = console;
    this.view = view;
  }

  /** The newest checkpoint that this process wrote. */
  @Nullable Path newestCheckpoint() {
    return newestCheckpoint;
  }

  /** Where the time went, once the run has ended. */
  TimeReport timeReport(RunSummary summary) {
    return new TimeReport(
        time, trainers.most(), summary.seconds(), (System.nanoTime() - newestUpdateNanos) * 1e-9);
  }

  @Override
  public void onTrainerJoined(String trainer, long incarnation) {
    trainers.joined(trainer, incarnation);
  }

  @Override
  public void onTrainerLeft(String trainer, long incarnation) {
    trainers.left(trainer, incarnation);
  }

  @Override
  public void onTrainerReachable(String trainer, boolean reachable) {
    trainers.reachable(trainer, reachable);
  }

  @Override
  public void onEvaluatorJoined(String evaluator) {
    trainers.evaluatorJoined(evaluator);
  }

  @Override
  public void onEvaluatorLeft(String evaluator) {
    trainers.evaluatorLeft(evaluator);
  }

  @Override
  public void onProgress(RunProgress progress) {
    newestUpdateNanos = System.nanoTime();
    view.update(progress.images(), progress.imagesPerSecond(), progress.loss());
  }

  @Override
  public void onTick(TickStatistics tick) {
    TimeSplit shares = tick.time().shares();
    double waiting = shares.waitingForData() + shares.waitingForOthers();
    time = time.plus(tick.time());
    boolean hasKernels = !Double.isNaN(tick.modelKernel());
    Json kernels = Json.object();
    if (hasKernels) {
      kernels
          .put("kernel_model", tick.modelKernel())
          .put("kernel_target", tick.targetKernel())
          .put("kernel_cross", tick.crossKernel());
    }
    Json line =
        Json.object()
            .put("images", tick.images())
            .put("version", tick.version())
            .put("seconds", clock.seconds())
            .put("images_per_s", tick.imagesPerSecond())
            .put("loss", tick.loss())
            .putAll(kernels)
            .put("gradient_norm", tick.gradientNorm())
            .put("unit_gradient_norm", tick.unitGradientNorm())
            .put("learning_rate", tick.learningRate())
            .put("left_out", leftOut)
            .put("trainers", tick.trainers())
            .put("waiting_share", waiting)
            .putAll(TimeReport.shares(shares))
            .put("memory_mib", ProcessMemory.residentMib())
            .put("heap_mib", ProcessMemory.heapMib());
    TickStatistics.Staleness staleness = tick.staleness();
    if (staleness != null) {
      line.put("staleness_mean", staleness.mean()).put("staleness_max", staleness.max());
    }
    refusals.written("statistics", () -> folder.appendStatistics(line.toString()));
    console.json(Json.event("tick").putAll(line));
    show(
        tick.images(),
        Map.of(
            "training/loss", tick.loss(),
            "training/gradient_norm", tick.gradientNorm(),
            "training/learning_rate", tick.learningRate(),
            "speed/images_per_s", tick.imagesPerSecond(),
            "speed/waiting_share", waiting));
    if (hasKernels) {
      show(
          tick.images(),
          Map.of(
              "training/kernel_model", tick.modelKernel(),
              "training/kernel_target", tick.targetKernel(),
              "training/kernel_cross", tick.crossKernel()));
    }
    view.tick(tick.images(), tick.imagesPerSecond(), tick.loss(), waiting);
    warn(
        warning.tick(
            tick.images(),
            tick.loss(),
            tick.modelKernel(),
            tick.targetKernel(),
            tick.crossKernel()));
  }

  private void warn(List<EarlyWarning.Warning> warnings) {
    for (EarlyWarning.Warning given : warnings) {
      console.note(
          "fewstep: a collapse may have begun between %s and %s images: %s"
              .formatted(
                  Numbers.grouped(given.sinceImages()),
                  Numbers.grouped(given.images()),
                  given.sentence()));
      console.json(
          Json.event("warning")
              .put("images", given.images())
              .put("since_images", given.sinceImages())
              .put("signal", given.signal())
              .put("sentence", given.sentence()));
    }
  }

  @Override
  public void onScores(long version, long images, String track, List<Score> scores) {
    for (Score score : scores) {
      String line = ScoreJson.toLine(score);
      if (!refusals.written("scores", () -> folder.appendScore(line))) {
        refusals.unfinished(images);
      }
      best.add(score);
      show(
          score.images(),
          Map.of(
              "%s/%d_steps_%s%s"
                  .formatted(
                      score.metric(),
                      score.steps(),
                      track,
                      score.guidance() == 1 ? "" : "_guidance_" + score.guidance()),
              score.value()));
      many |= scores.stream().map(Score::metric).distinct().count() > 1;
      if (!headerShown) {
        headerShown = true;
        console.human(many ? ScoreTable.manyHeader() : ScoreTable.header(score.metric()));
      }
      console.human(many ? ScoreTable.manyRow(score) : ScoreTable.row(score));
      console.json(Json.event("score").putAll(Json.parse(line)));
      warn(warning.score(score));
    }
  }

  @Override
  public void onSamples(EvaluationPart part, SampleImages samples) {
    grids.write(part, samples);
  }

  @Override
  public void onTrackEvaluated(long version, long images, String track) {
    // What is still owed is evaluated again when the run is resumed.
    if (refusals.isFinished(images)) {
      refusals.evaluated(images);
      folder.evaluated(images, track);
    }
  }

  @Override
  public void onEvaluationCancelled(long version, long images, String track, String entry) {
    console.note(
        "fewstep: the evaluation '%s' of %s at %s images is cancelled"
            .formatted(entry, track, Numbers.grouped(images)));
    console.json(
        Json.event("evaluation_cancelled")
            .put("images", images)
            .put("version", version)
            .put("track", track)
            .put("entry", entry));
  }

  @Override
  public void onScheduleReplaced(EvaluationSchedule schedule, long images) {
    refusals.written("the evaluation schedule", () -> saved.replaced(schedule, images));
    console.note(
        "fewstep: version %d of the evaluation schedule holds after %s images%s"
            .formatted(
                schedule.version(), Numbers.grouped(images), schedule.paused() ? ", paused" : ""));
    console.json(
        Json.event("schedule")
            .put("images", images)
            .put("schedule", Json.parse(ScheduleJson.toLine(schedule))));
  }

  @Override
  public void onManagement(String address) {
    console.human("  management  " + address);
    console.json(Json.event("management").put("url", address));
  }

  @Override
  public void onCheckpoint(long version, long images, Path path) {
    newestCheckpoint = path;
    console.json(
        Json.event("checkpoint")
            .put("images", images)
            .put("version", version)
            .put("folder", path.toString()));
  }

  @Override
  public void onCheckpointFailed(long version, long images, String reason, boolean last) {
    console.json(
        Json.event("checkpoint_failed")
            .put("images", images)
            .put("version", version)
            .put("reason", reason));
    refusals.checkpointFailed(reason, last);
  }

  @Override
  public void onLeftOut(LeftOut update) {
    leftOut++;
    console.note(
        "fewstep: after %s images %s in unit %d is not finite; %s (%d of at most %d times)"
            .formatted(
                Numbers.grouped(update.images()),
                update.culprit(),
                update.unit(),
                update.wentBack()
                    ? "the parameters go back to an earlier checkpoint, and the updates since are"
                        + " left out"
                    : "the update is left out",
                update.times(),
                update.timesAtMost()));
    console.json(
        Json.event("left_out")
            .put("images", update.images())
            .put("unit", update.unit())
            .put("culprit", update.culprit())
            .put("went_back", update.wentBack()));
  }

  private void show(long images, Map<String, Double> scalars) {
    refusals.written("TensorBoard", () -> events.add(epochSeconds(), images, scalars));
  }

  private static double epochSeconds() {
    return System.currentTimeMillis() / 1000.0;
  }

  @Override
  public void close() {
    events.close();
  }
}
