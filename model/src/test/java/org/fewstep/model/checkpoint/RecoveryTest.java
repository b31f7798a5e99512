package org.fewstep.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.optim.LearningRate;
import org.fewstep.model.optim.Optimizers;
import org.fewstep.model.optim.ParameterSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecoveryTest {
  private static final StepModelSpec SPEC =
      new StepModelSpec(
          new UNetSpec(new ImageShape(1, 8, 8), 8, List.of(1), 2, 1, 1, List.of(), 0, 3, 0, true),
          new StepModel.Settings(
              Schedule.COSINE, Parameterisation.SIMPLE_EDM, SecondTime.GAP, 0.5, 1000),
          0.01,
          0.99);
  private static final ParameterTable TABLE;

  static {
    try (StepModel model = SPEC.create()) {
      TABLE = model.network().parameters();
    }
  }

  private static final Checkpoint.Run RUN =
      new Checkpoint.Run(SPEC, TABLE, 3, "data", "model", "seed = 3", "test");

  @TempDir Path temporary;
  private RunFolder folder;
  private Path checkpoints;

  /** A run with checkpoints after 8, 16 and 24 images. */
  @BeforeEach
  void run() {
    folder = RunFolder.create(temporary.resolve("run"), "seed = 3");
    checkpoints = folder.root().resolve("checkpoints");
    ParameterSet set =
        new ParameterSet(
            "model",
            TABLE.initialise(3),
            Optimizers.adam(TABLE.length(), 0.9, 0.99, 1e-8, 0),
            List.of(),
            LearningRate.constant(1e-3));
    for (int i = 1; i <= 3; i++) {
      set.apply(new float[TABLE.length()], 8);
      folder.writeCheckpoint(RUN, set.state(), i, 3, BestScores.NONE);
      folder.owe(RUN, set.snapshot(), "how at " + 8 * i);
      folder.appendStatistics("{\"images\":%d}".formatted(8 * i));
      folder.appendScore("{\"images\":%d,\"track\":\"live\"}".formatted(8 * i));
      folder.writeGrid(
          8L * i, i == 3 ? "other_long" : "", 1, new double[64], new ImageShape(1, 8, 8));
    }
  }

  @Test
  void shouldPassOverWhatIsNotWholeAndSayWhy() throws IOException {
    Path newest = checkpoints.resolve("images-000000024");
    Files.writeString(newest.resolve("model.safetensors"), "half");
    Files.delete(checkpoints.resolve("images-000000016/manifest.json"));

    Recovery.Found found = new Recovery(folder).find();

    assertThat(found.newestWhole().orElseThrow().manifest().images()).isEqualTo(8);
    assertThat(found.newestWhole().orElseThrow().manifest().seconds()).isEqualTo(1);
    assertThat(found.passedOver())
        .containsExactly(
            "images-000000024, because model.safetensors is not what its manifest says",
            "images-000000016, because it has no manifest.json");
  }

  @Test
  void shouldRefuseToChooseWhenNoCheckpointIsWhole() throws IOException {
    for (Path checkpoint : folder.checkpoints()) {
      Files.writeString(checkpoint.resolve("manifest.json"), "");
    }

    assertThatThrownBy(() -> new Recovery(folder).find())
        .isInstanceOf(UserException.class)
        .hasMessageContaining("images-000000008, because manifest.json is no manifest");
  }

  @Test
  void shouldFindNothingWhenTheRunEndedBeforeItsFirstCheckpoint() {
    new Recovery(folder).goBackTo(0, List.of());

    assertThat(new Recovery(folder).find().newestWhole()).isEmpty();
    assertThat(folder.statistics()).isEmptyFile();
  }

  @Test
  void shouldPassOverAnotherProgramsCheckpointButKeepIt() throws IOException {
    Path manifest = checkpoints.resolve("images-000000024/manifest.json");
    Files.writeString(
        manifest, Files.readString(manifest).replace("\"format\" : 1", "\"format\" : 2"));

    Recovery recovery = new Recovery(folder);
    Recovery.Found found = recovery.find();
    recovery.goBackTo(16, List.of());

    assertThat(found.newestWhole().orElseThrow().manifest().images()).isEqualTo(16);
    assertThat(found.passedOver())
        .containsExactly("images-000000024, because it has format 2, this program reads format 1");
    assertThat(folder.checkpoints()).hasSize(2);
    assertThat(RunFolder.inside(checkpoints))
        .anyMatch(path -> path.toString().contains("images-000000024.other-format-"));
  }

  @Test
  void shouldPassOverACheckpointThatLacksAPartOrCannotBeRead() throws IOException {
    Path newest = checkpoints.resolve("images-000000024");
    Files.delete(newest.resolve("optimizer.safetensors"));
    Path manifest = newest.resolve("manifest.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode tree = (ObjectNode) json.readTree(manifest.toFile());
    ((ObjectNode) tree.get("files")).remove("optimizer.safetensors");
    json.writeValue(manifest.toFile(), tree);
    Path loop = checkpoints.resolve("images-000000016/model.safetensors");
    Files.delete(loop);
    Files.createSymbolicLink(loop, loop);

    assertThat(new Recovery(folder).find().passedOver())
        .hasSize(2)
        .contains("images-000000024, because manifest.json does not name optimizer.safetensors");
  }

  @Test
  void shouldPassOverAnEvaluationWhoseParametersAreDamaged() throws IOException {
    Path damaged = folder.evaluations().resolve("images-000000008-live.safetensors");
    Files.writeString(damaged, "half");

    Recovery recovery = new Recovery(folder);
    Recovery.Owed owed = recovery.owed(TABLE, 16);
    recovery.goBackTo(16, owed.damaged());

    assertThat(owed.damaged()).containsExactly(damaged);
    assertThat(owed.readable())
        .singleElement()
        .extracting(track -> track.parameters().images())
        .isEqualTo(16L);
    assertThat(damaged).doesNotExist();
    assertThat(folder.scores()).hasContent("{\"images\":8,\"track\":\"live\"}");
  }

  @Test
  void shouldDropLinesThatAreNoObjectsAndBytesThatAreNoText() throws IOException {
    String lines = Files.readString(folder.statistics());
    Files.write(
        folder.statistics(),
        ("{\"images\":8,\"note\":\"\u00ff\"}\n\u00ff\n12\n" + lines)
            .getBytes(StandardCharsets.ISO_8859_1));

    new Recovery(folder).goBackTo(16, List.of());

    assertThat(Files.readString(folder.statistics(), StandardCharsets.UTF_8))
        .isEqualTo("{\"images\":8,\"note\":\"\ufffd\"}\n{\"images\":8}\n{\"images\":16}\n");
  }

  @Test
  void shouldStayARunWithoutItsSettingsAndNotTakeAnotherStatesCheckpointForItsOwn()
      throws IOException {
    Files.delete(folder.config());

    assertThat(RunFolder.is(folder.root())).isTrue();
    assertThatThrownBy(() -> RunFolder.create(folder.root(), "seed = 5"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("there is a run in");
    ParameterSet.State state = folder.newestCheckpointBefore(99).orElseThrow().state(TABLE);
    Checkpoint.Run other = new Checkpoint.Run(SPEC, TABLE, 5, "data", "model", "seed = 5", "test");
    assertThatThrownBy(() -> folder.writeCheckpoint(other, state, 1, 3, BestScores.NONE))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("images-000000024: it exists already");
    assertThat(folder.writeCheckpoint(RUN, state, 1, 3, BestScores.NONE)).exists();
  }

  @Test
  void shouldRefuseAFolderThatHoldsSomethingElse() throws IOException {
    Path full = Files.createDirectory(temporary.resolve("full"));
    Files.createDirectories(full.resolve("checkpoints"));
    Files.writeString(full.resolve(".lock"), "");
    RunFolder.checkVacant(full);
    Files.writeString(full.resolve("stats.jsonl"), "");

    assertThatThrownBy(() -> RunFolder.create(full, "seed = 3"))
        .isInstanceOf(UserException.class)
        .hasMessage(full + " holds stats.jsonl but no run: choose another --run-dir, or empty it");
    assertThat(full.resolve("config.conf")).doesNotExist();
  }

  /** OWED-1: an evaluation that fell due is not lost. */
  @Test
  void shouldForgetWhatIsNewerAndKeepWhatIsOwed() throws IOException {
    folder.evaluated(8, "live");
    Files.writeString(folder.statistics(), Files.readString(folder.statistics()) + "{\"imag");
    Files.createDirectory(checkpoints.resolve(".images-000000032.tmp-1-7"));
    Files.writeString(folder.root().resolve(".config.conf.tmp-1-8"), "half");
    Files.writeString(folder.root().resolve(".drawn.png.tmp-1-9"), "somebody else's");

    assertThat(new Recovery(folder).goBackTo(16, List.of())).isEqualTo(2);

    assertThat(folder.checkpoints()).hasSize(2);
    assertThat(checkpoints.resolve(".images-000000032.tmp-1-7")).doesNotExist();
    assertThat(folder.root().resolve(".drawn.png.tmp-1-9")).exists();
    assertThat(folder.statistics()).hasContent("{\"images\":8}\n{\"images\":16}");
    assertThat(folder.scores()).hasContent("{\"images\":8,\"track\":\"live\"}");
    assertThat(RunFolder.inside(folder.samples())).hasSize(2);
    assertThat(new Recovery(folder).owed(TABLE, 16).readable())
        .singleElement()
        .satisfies(
            owed -> {
              assertThat(owed.parameters().images()).isEqualTo(16);
              assertThat(owed.parameters().version()).isEqualTo(2);
              assertThat(owed.parameters().track()).isEqualTo("live");
              assertThat(owed.due()).isEqualTo("how at 16");
            });
  }

  @Test
  void shouldOrderCheckpointsByImagesWhenTheirNamesGrow() throws IOException {
    for (Path checkpoint : folder.checkpoints()) {
      Files.move(
          checkpoint,
          checkpoint.resolveSibling(
              checkpoint.getFileName().toString().replace("images-0", "images-1234")));
    }

    assertThat(folder.checkpoints())
        .extracting(path -> path.getFileName().toString())
        .containsExactly("images-123400000008", "images-123400000016", "images-123400000024");
  }

  @Test
  void shouldRefuseASecondProcessUntilTheFirstIsDone() {
    try (RunLock first = RunLock.take(folder.root())) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> RunLock.take(folder.root()))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("(%d) trains in".formatted(ProcessHandle.current().pid()));
    }
    RunLock.take(folder.root()).close();
  }

  @Test
  void shouldKeepTheBestCheckpointsAndThoseThatMayBecomeBestBesideTheNewest() {
    BestScores best = new BestScores(1, BestScores.Kind.of(score("FD[a]", 8, 4, 7.0)));
    folder.evaluated(8, "live");
    best.add(score("FD[a]", 8, 4, 7.0));
    best.add(score("FD[a]", 16, 1, 1.0));
    best.add(score("FD[b]", 16, 4, 1.0));
    best.add(score("FD[a]", 16, 4, 1.0, 99));
    best.add(score("FD[a]", 24, 4, 9.0));

    folder.prune(1, best);
    assertThat(folder.checkpoints()).as("16 is owed").hasSize(3);

    folder.evaluated(16, "live");
    best.add(score("FD[a]", 16, 4, Double.NaN));
    folder.prune(1, best);
    assertThat(folder.checkpoints())
        .extracting(path -> path.getFileName().toString())
        .containsExactly("images-000000008", "images-000000024");
    assertThat(folder.bestCheckpoint(best)).contains(checkpoints.resolve("images-000000008"));
    assertThat(folder.bestCheckpoint(BestScores.NONE)).isEmpty();
  }

  private static Score score(String metric, long images, int steps, double value) {
    return score(metric, images, steps, value, 0);
  }

  private static Score score(String metric, long images, int steps, double value, long seed) {
    return new Score(
        metric,
        value,
        steps,
        steps,
        8,
        "a",
        "none",
        "live",
        images,
        images / 8,
        "pushforward",
        "uniform",
        1,
        seed,
        null,
        null,
        null,
        0.5);
  }
}
