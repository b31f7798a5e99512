package org.fewstep.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.optim.EmaTrack;
import org.fewstep.model.optim.LearningRate;
import org.fewstep.model.optim.Optimizers;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.sampler.SampleSource;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final StepModelSpec SPEC =
      new StepModelSpec(
          new UNetSpec(
              new ImageShape(1, 8, 8), 8, List.of(1, 1), 2, 1, 1, List.of(), 0, 3, 0, true),
          new StepModel.Settings(
              Schedule.COSINE, Parameterisation.SIMPLE_EDM, SecondTime.GAP, 0.5, 1000),
          0.01,
          0.99);

  @TempDir Path folder;

  private static ParameterSet set(ParameterTable table) {
    float[] initial = table.initialise(3);
    ParameterSet set =
        new ParameterSet(
            "model",
            initial,
            Optimizers.adam(initial.length, 0.9, 0.99, 1e-8, 0),
            List.of(new EmaTrack("slow", 100, 0, initial), new EmaTrack("fast", 10, 0, initial)),
            LearningRate.constant(1e-3));
    for (int i = 0; i < 3; i++) {
      float[] gradient = new float[initial.length];
      java.util.Arrays.fill(gradient, 0.1f * (i + 1));
      set.apply(gradient, 8);
    }
    return set;
  }

  private static Checkpoint.Run run(ParameterTable table) {
    return new Checkpoint.Run(SPEC, table, 3, "data", "model", "seed = 3", "test");
  }

  @Test
  void shouldGiveBackTheWholeState() {
    try (StepModel model = SPEC.create()) {
      ParameterTable table = model.network().parameters();
      ParameterSet set = set(table);
      set.setEarlier(List.of(table.initialise(1), table.initialise(2)));
      ParameterSet.State state = set.state();
      Checkpoint written = Checkpoint.write(folder.resolve("c"), run(table), state, 1);
      ParameterSet.State read = Checkpoint.open(written.folder()).state(table);

      assertThat(read.parameters()).isEqualTo(state.parameters());
      assertThat(read.version()).isEqualTo(3);
      assertThat(read.images()).isEqualTo(24);
      assertThat(read.tracks().keySet()).containsExactly("slow", "fast");
      assertThat(read.tracks().get("fast")).isEqualTo(state.tracks().get("fast"));
      assertThat(read.optimizerState().keySet()).isEqualTo(state.optimizerState().keySet());
      ParameterSet restored = set(table);
      restored.restore(read);
      assertThat(restored.snapshot().parameters()).isEqualTo(state.parameters());
      assertThat(restored.earlier()).containsExactly(table.initialise(1), table.initialise(2));
    }
  }

  @Test
  void shouldGiveBackASetAndItsCompanion() {
    ParameterTable table = SPEC.network().parameters();
    float[] gradient = table.initialise(4);
    ParameterSet set = pair(table);
    for (int i = 0; i < 3; i++) {
      set.apply(gradient, 8);
    }
    Path written = folder.resolve("c");
    Checkpoint.write(written, run(table), set.state(), 1);
    ParameterSet restored = pair(table);
    restored.restore(Checkpoint.open(written).state(table));

    assertThat(restored.state()).usingRecursiveComparison().isEqualTo(set.state());
    assertThat(written.resolve("auxiliary-model.safetensors")).exists();
  }

  private static ParameterSet pair(ParameterTable table) {
    float[] initial = table.initialise(3);
    return new ParameterSet(
        "model",
        initial,
        Optimizers.adam(initial.length, 0.9, 0.99, 1e-8, 0),
        List.of(new EmaTrack("slow", 100, 0, initial)),
        LearningRate.constant(1e-3),
        List.of(),
        new ParameterSet(
            "auxiliary",
            table.initialise(5),
            Optimizers.adam(initial.length, 0.9, 0.99, 1e-8, 0),
            List.of(),
            LearningRate.constant(1e-3)));
  }

  @Test
  void shouldNameTheDamagedFile() throws IOException {
    try (StepModel model = SPEC.create()) {
      ParameterTable table = model.network().parameters();
      Path checkpoint = folder.resolve("c");
      Checkpoint.write(checkpoint, run(table), set(table).state(), 1);
      Path weights = checkpoint.resolve("ema-slow.safetensors");
      byte[] bytes = Files.readAllBytes(weights);
      bytes[bytes.length - 1] ^= 1;
      Files.write(weights, bytes);
      assertThatThrownBy(() -> Checkpoint.open(checkpoint))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("ema-slow.safetensors");
    }
  }

  @Test
  void shouldKeepTheNewestCheckpointsAndOpenAModelFromTheRun() {
    try (StepModel model = SPEC.create()) {
      ParameterTable table = model.network().parameters();
      RunFolder run = RunFolder.create(folder.resolve("run"), "seed = 3");
      ParameterSet set = set(table);
      for (int i = 0; i < 3; i++) {
        set.apply(new float[table.length()], 8);
        run.writeCheckpoint(run(table), set.state(), 1, 2, BestScores.NONE);
      }
      assertThat(run.checkpoints())
          .extracting(path -> path.getFileName().toString())
          .containsExactly("images-000000040", "images-000000048");

      ModelSource source = ModelSource.open(run.root(), "fast");
      assertThat(source.spec()).isEqualTo(SPEC);
      assertThat(source.images()).isEqualTo(48);
      assertThatThrownBy(() -> ModelSource.open(run.root(), "none"))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("slow, fast and live");
      assertThatThrownBy(() -> RunFolder.create(run.root(), "")).isInstanceOf(UserException.class);
    }
  }

  @Test
  void shouldDrawASampleByItsNumberWhateverTheBatch() {
    try (StepModel model = SPEC.create()) {
      model.network().load(model.network().parameters().initialise(1));
      for (Sampler sampler : List.of(Sampler.PUSHFORWARD, Sampler.RESTART)) {
        SampleSource source =
            new SampleSource(
                model,
                SPEC,
                new SampleSource.Plan(sampler, TimeGrid.UNIFORM, 1.5, OptionalInt.empty(), 5));
        double[] together = source.draw(3, 0, 6);
        double[] alone = source.draw(3, 4, 2);
        assertThat(alone)
            .containsExactly(
                java.util.Arrays.copyOfRange(together, 4 * 64, 6 * 64),
                org.assertj.core.api.Assertions.within(1e-5));
        assertThat(source.networkEvaluations(3)).isEqualTo(6);
      }
    }
  }
}
