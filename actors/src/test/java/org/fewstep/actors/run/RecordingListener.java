package org.fewstep.actors.run;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.fewstep.actors.coordinator.LeftOut;
import org.fewstep.actors.coordinator.RunListener;
import org.fewstep.actors.coordinator.RunProgress;
import org.fewstep.actors.coordinator.TickStatistics;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.SampleImages;
import org.fewstep.model.metrics.Score;
import org.fewstep.protocol.EvaluationSchedule;

class RecordingListener implements RunListener {
  final List<TickStatistics> ticks = new CopyOnWriteArrayList<>();
  final List<RunProgress> progress = new CopyOnWriteArrayList<>();
  final List<Score> scores = new CopyOnWriteArrayList<>();
  final List<String> samples = new CopyOnWriteArrayList<>();
  final List<String> evaluatedTracks = new CopyOnWriteArrayList<>();
  final List<String> cancelled = new CopyOnWriteArrayList<>();
  final List<EvaluationSchedule> schedules = new CopyOnWriteArrayList<>();
  final List<Path> checkpoints = new CopyOnWriteArrayList<>();
  final List<LeftOut> leftOut = new CopyOnWriteArrayList<>();
  final List<String> trainers = new CopyOnWriteArrayList<>();

  final List<String> evaluators = new CopyOnWriteArrayList<>();

  private final Consumer<RunProgress> onProgress;

  RecordingListener() {
    this(progress -> {});
  }

  RecordingListener(Consumer<RunProgress> onProgress) {
    this.onProgress = onProgress;
  }

  @Override
  public void onProgress(RunProgress now) {
    progress.add(now);
    onProgress.accept(now);
  }

  @Override
  public void onTick(TickStatistics statistics) {
    ticks.add(statistics);
  }

  @Override
  public void onScores(long version, long images, String track, List<Score> newScores) {
    scores.addAll(newScores);
  }

  @Override
  public void onSamples(EvaluationPart part, SampleImages images) {
    samples.add(
        "%d in %d steps: %s"
            .formatted(part.version(), part.steps(), Arrays.toString(images.pixels())));
  }

  @Override
  public void onTrackEvaluated(long version, long images, String track) {
    evaluatedTracks.add(version + " " + track);
  }

  @Override
  public void onEvaluationCancelled(long version, long images, String track, String entry) {
    cancelled.add(version + " " + track + " " + entry);
  }

  @Override
  public void onScheduleReplaced(EvaluationSchedule schedule, long images) {
    schedules.add(schedule);
  }

  @Override
  public void onCheckpoint(long version, long images, Path path) {
    checkpoints.add(path);
  }

  @Override
  public void onEvaluatorJoined(String evaluator) {
    evaluators.add("+" + evaluator);
  }

  @Override
  public void onEvaluatorLeft(String evaluator) {
    evaluators.add("-" + evaluator);
  }

  @Override
  public void onTrainerJoined(String trainer, long incarnation) {
    trainers.add("+" + trainer + "/" + incarnation);
  }

  @Override
  public void onTrainerLeft(String trainer, long incarnation) {
    trainers.add("-" + trainer + "/" + incarnation);
  }

  @Override
  public void onLeftOut(LeftOut update) {
    leftOut.add(update);
  }
}
