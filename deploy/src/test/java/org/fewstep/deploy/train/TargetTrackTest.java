package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of seven updates of two units each whose targets an average of the weights makes. */
class TargetTrackTest {
  private static final int BATCH = 32;
  private static final String[] SMALL = {
    "batch=" + BATCH,
    "exchange.unit-images=16",
    "optimizer.decay-images=0",
    "optimizer.warmup-images=0",
    "ema.tracks=[{name=ema,half-life-images=100},{name=slow,half-life-images=1000}]",
    "evaluation.steps=[2]",
    "evaluation.samples=8",
    "evaluation.grid-images=4",
  };

  @TempDir Path folder;

  /** A grid of one size, for how fine it is depends on the run's length. */
  @ParameterizedTest
  @CsvSource({"toy-consistency, objective.grid-max=10", "toy-shortcut, objective.target-clip=4"})
  void shouldLearnTheSameWithTwoTrainersAndOverAnInterruption(String preset, String setting) {
    Path straight = folder.resolve("straight");
    Path resumed = folder.resolve("resumed");
    Path live = folder.resolve("live");
    String slow = "objective.target-track=slow";
    train(preset, straight, false, slow, setting, "images=" + 7 * BATCH, "trainers=2");
    train(preset, resumed, false, slow, setting, "images=" + 3 * BATCH);
    train(preset, resumed, true, slow, setting, "images=" + 7 * BATCH);
    train(preset, live, false, setting, "images=" + 7 * BATCH);

    assertThat(Learnt.by(resumed)).isEqualTo(Learnt.by(straight)).isNotEqualTo(Learnt.by(live));
  }

  @Test
  void shouldTrainWhereUnitsCountAsTheyCome() {
    train(
        "toy-consistency",
        folder.resolve("run"),
        false,
        "objective.target-track=slow",
        "exchange.rule=bounded-staleness",
        "images=" + 4 * BATCH);
  }

  private static void train(String preset, Path run, boolean resume, String... settings) {
    List<String> all = new ArrayList<>(List.of(SMALL));
    all.addAll(List.of(settings));
    PreparedRun prepared = PreparedRun.of(preset, RunConfigLoader.load(preset, all), run);
    assertThat(new TrainingSession(prepared, Console.system(true).silent(), resume).train())
        .isEqualTo(ExitCode.DONE);
  }
}
