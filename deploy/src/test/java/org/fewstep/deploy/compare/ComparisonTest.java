package org.fewstep.deploy.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Png;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  @TempDir Path folder;
  private List<Path> runs = List.of();

  @BeforeEach
  void createRuns() {
    RunFolder imm = run("imm");
    score(imm, "FD[x]", 1, 100, 30);
    score(imm, "FD[x]", 1, 200, 20);
    score(imm, "FD[x]", 8, 200, 10);
    score(imm, "KD[x]", 8, 200, 0.5);
    imm.writeGrid(200, "", 8, new double[4], new ImageShape(1, 2, 2));
    RunFolder flow = run("flow");
    score(flow, "FD[x]", 8, 100, 90);
    score(flow, "FD[x]", 8, 200, 70);
    score(flow, "FD[x]", 32, 200, Double.NaN);
    runs = List.of(imm.root(), flow.root());
  }

  @Test
  void shouldShowTheScoresAfterMostImagesInTheFirstCommonMetric() {
    assertThat(Comparison.of(Comparison.named(runs), Optional.empty()).table())
        .isEqualTo(
            """
            | `FD[x]` | images | 1 step | 8 steps | 32 steps |
            |---|---|---|---|---|
            | imm | 200 | 20.00 | 10.00 | - |
            | flow | 200 | - | 70.00 | NaN |
            """);
  }

  @Test
  void shouldShowTheMeanAndHalfTheRangeOfSeveralSeeds() {
    RunFolder second = run("imm-2");
    score(second, "FD[x]", 8, 200, 13);

    Comparison comparison =
        Comparison.of(
            Map.of("imm", List.of(folder.resolve("imm"), second.root())), Optional.empty());
    assertThat(comparison.table()).contains("| imm | 200 | 20.00 | 11.50 ± 1.5 |");
    assertThat(ComparisonFiles.json(comparison))
        .map(json -> json.tree().path("run_dir").asText() + " " + json.tree().path("half_range"))
        .containsExactly(
            folder.resolve("imm") + " 0.0", folder.resolve("imm") + " 1.5", second.root() + " 1.5");
    assertThat(comparison.bySteps().orElseThrow().curves().get(0).points())
        .containsExactly(new Chart.Point(1, 20, 20, 20), new Chart.Point(8, 11.5, 10, 13));
  }

  @Test
  void shouldShowEachWeightOfGuidanceByItself() {
    RunFolder guided = run("guided");
    score(guided, "FD[x]", 8, 200, 9, 1, 100);
    score(guided, "FD[x]", 8, 200, 6, 1.5, 100);
    guided.writeGrid(200, "guidance-1-5", 8, new double[4], new ImageShape(1, 2, 2));

    Comparison comparison =
        Comparison.of(Comparison.named(List.of(guided.root())), Optional.empty());
    assertThat(comparison.table())
        .contains(
            "| guided, guidance 1.0 | 200 | 9.000 |", "| guided, guidance 1.5 | 200 | 6.000 |");
    Path out = folder.resolve("out");
    new ComparisonFiles(comparison).write(out);
    assertThat(out.resolve("grid-guided-guidance-1.5-8.png")).exists();
    assertThat(out.resolve("grid-guided-guidance-1.0-8.png")).doesNotExist();
  }

  /** As a schedule's entry asks for that names two samplers and two tracks. */
  @Test
  void shouldGiveEachWayOfDrawingALineOfItsOwn() {
    RunFolder drawn = run("drawn");
    score(drawn, "pushforward", "ema", 9);
    score(drawn, "restart", "ema", 8);
    score(drawn, "pushforward", "live", 7);

    Comparison comparison =
        Comparison.of(Comparison.named(List.of(drawn.root())), Optional.empty());

    assertThat(comparison.table())
        .contains(
            "| drawn, pushforward, track ema | 200 | 9.000 |",
            "| drawn, restart, track ema | 200 | 8.000 |",
            "| drawn, pushforward, track live | 200 | 7.000 |");
  }

  private static void score(RunFolder run, String sampler, String track, double value) {
    run.appendScore(
        ScoreJson.toLine(
            new Score(
                "FD[x]", value, 8, 8, 100, "x", "real", track, 200, 200, sampler, "uniform", 1, 0,
                null, null, null, null, 1)));
  }

  @Test
  void shouldWarnOfScoresThatDoNotCompare() {
    RunFolder more = run("more");
    score(more, "FD[x]", 8, 200, 9, 1, 1000);

    assertThat(
            Comparison.of(Comparison.named(List.of(runs.get(0), more.root())), Optional.empty())
                .warnings())
        .containsExactly(
            "the scores are of different numbers of samples, so they do not compare: 100 of imm, 1000 of more");
    assertThat(Comparison.of(Comparison.named(runs), Optional.empty()).warnings()).isEmpty();
  }

  @Test
  void shouldWriteFiguresGridsMarkdownAndJson() throws IOException {
    Path out = folder.resolve("out");

    new ComparisonFiles(Comparison.of(Comparison.named(runs), Optional.empty())).write(out);

    String page = Files.readString(out.resolve("compare.md"));
    assertThat(page)
        .contains("(score-by-steps.svg)", "(score-by-images.svg)", "(grid-imm-8.png)")
        .doesNotContain("grid-flow");
    assertThat(Files.readString(out.resolve("score-by-steps.svg")))
        .contains("<svg", ">imm</text>", ">flow</text>", "<circle");
    Png.Pixels chart = Png.decode(Files.readAllBytes(out.resolve("score-by-images.png")), "png");
    int coloured = 0;
    for (int i = 0; i < chart.values().length / 3; i++) {
      coloured +=
          chart.values()[i] == 0 && chart.values()[i + chart.values().length / 3] == 0x72 ? 1 : 0;
    }
    // The first run's colour, 0072B2: the dot of its name and that of its only score.
    assertThat(coloured).isGreaterThan(100);
    assertThat(Files.readString(out.resolve("compare.json")))
        .contains("\"run\":\"imm\"", "\"value\":70.0");
    assertThat(out.resolve("grid-imm-8.png")).exists();
  }

  @Test
  void shouldSayWhatCannotBeCompared() {
    RunFolder other = run("other");
    assertThatThrownBy(
            () -> Comparison.of(Comparison.named(List.of(other.root())), Optional.empty()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("has no scores yet");
    score(other, "FD[y]", 1, 100, 1);
    assertThatThrownBy(
            () ->
                Comparison.of(
                    Comparison.named(List.of(runs.get(0), other.root())), Optional.empty()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no metric in common");
    assertThatThrownBy(() -> Comparison.of(Comparison.named(runs), Optional.of("KD[x]")))
        .isInstanceOf(UserException.class)
        .hasMessage("the runs do not all have the metric KD[x]; they have FD[x] in common");
    assertThatThrownBy(() -> Comparison.named(List.of(runs.get(0), runs.get(0))))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("named imm");
  }

  private RunFolder run(String name) {
    return RunFolder.create(folder.resolve(name), "seed = 1");
  }

  private static void score(RunFolder run, String metric, int steps, long images, double value) {
    score(run, metric, steps, images, value, 1, 100);
  }

  private static void score(
      RunFolder run,
      String metric,
      int steps,
      long images,
      double value,
      double guidance,
      int samples) {
    run.appendScore(
        ScoreJson.toLine(
            new Score(
                metric, value, steps, steps, samples, "x", "real", "ema", images, images, "euler",
                "uniform", guidance, 0, null, null, null, null, 1)));
  }
}
