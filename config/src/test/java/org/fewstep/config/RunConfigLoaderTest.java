package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunConfigLoaderTest {
  @TempDir Path folder;

  static List<String> presets() {
    return Presets.names();
  }

  @ParameterizedTest
  @MethodSource("presets")
  void shouldLoadTheSameRunAgainWhenAPresetIsRenderedToAFile(String preset) throws IOException {
    LoadedRun run =
        RunConfigLoader.load(
            preset,
            List.of(
                "optimizer.lr=2.5e-4",
                "evaluation.steps=1,2",
                "data.path=C:\\images \"of\" mine#1.zip",
                "management.port=7626",
                "pekko.loglevel=DEBUG",
                "pekko.remote.artery.advanced.maximum-frame-size=256 KiB"));

    LoadedRun again = load(RunConfigLoader.render(run.resolved()));

    assertThat(again.config()).isEqualTo(run.config());
    assertThat(again.resolved()).isEqualTo(run.resolved());
  }

  @Test
  void shouldHoldWhatTheQuickstartPromises() {
    RunConfig run = RunConfigLoader.load("quickstart", List.of()).config();

    assertThat(run.data().path()).startsWith("builtin:");
    assertThat(run.evaluation().features()).isEqualTo("fashion-cnn");
    assertThat(run.evaluation().steps()).containsExactly(1, 2, 4, 8);
    assertThat(run.trainers() * run.exchange().unitImages()).isEqualTo(run.batch());
    assertThat(run.threads()).isEqualTo(1);
    assertThat(run.evaluation().atImages()).containsExactly(run.images() / 10);
    assertThat(run.optimizer().decayImages()).isEqualTo(run.images() * 4 / 10);
    assertThat(run.management().port()).isEmpty();
    ((NetworkConfig.UNet) run.network()).checkFits(28);
  }

  /** The file's own rule has a key that others do not know. */
  @Test
  void shouldLetAnotherUpdateRuleBeChosenWhenTheFileSaysHowItsOwnWorks() {
    String file = "preset = tiny\nexchange.delay = 1\n";

    assertThat(load(file).config().exchange())
        .isEqualTo(new ExchangeConfig.Synchronous(16, ExchangeConfig.Codec.FLOAT32, 1));
    assertThat(load(file, "exchange.rule=bounded-staleness").config().exchange())
        .isInstanceOf(ExchangeConfig.BoundedStaleness.class);
    assertThat(
            load(file, "exchange.rule=local-steps", "exchange.local-steps=4").config().exchange())
        .isInstanceOf(ExchangeConfig.LocalSteps.class);
    assertThatThrownBy(
            () ->
                load(
                    file,
                    "exchange.rule=local-steps",
                    "exchange.local-steps=4",
                    "exchange.delay=1"))
        .hasMessage(
            "exchange.delay (command line) belongs to another rule than local-steps, which is chosen");
  }

  @Test
  void shouldFitTheTinyNetworkToItsImages() {
    RunConfig run = RunConfigLoader.load("tiny", List.of()).config();

    ((NetworkConfig.UNet) run.network()).checkFits(28);
    assertThat(run.images()).isLessThan(1000);
  }

  @Test
  void shouldLetTheLaterOverrideHoldWhenTwoNameOneKey() {
    assertThat(with("seed=1", "seed=2").seed()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[1, 2, 4]", "1,2,4", " 1, 2 ,4"})
  void shouldReadAListWhenItsBracketsAreLeftOut(String steps) {
    assertThat(with("evaluation.steps=" + steps).evaluation().steps()).containsExactly(1, 2, 4);
  }

  @Test
  void shouldReadAListOfOneOrNoneWhenItsBracketsAreLeftOut() {
    assertThat(with("evaluation.steps=8").evaluation().steps()).containsExactly(8);
    assertThat(with("evaluation.at-images=").evaluation().atImages()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"builtin:cifar10", "//server/x.zip", "a=b", "x, y", "2024", "a#b", "true"})
  void shouldTakeATextAsItStandsWhenHoconReservesItsCharacters(String path) {
    assertThat(with("data.path=" + path).data().path()).isEqualTo(path);
  }

  @Test
  void shouldReadATextAsHoconWhenItIsQuotedOrSubstituted() {
    assertThat(with("data.path=\"a b\"").data().path()).isEqualTo("a b");
    assertThat(with("data.path=${evaluation.track}.zip").data().path()).isEqualTo("ema.zip");
  }

  @ParameterizedTest
  @CsvSource({"true,true", "on,true", "yes,true", "false,false", "off,false"})
  void shouldReadEveryHoconSpellingOfABoolean(String spelling, boolean expected) {
    assertThat(with("data.flip=" + spelling).data().flip()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64000", "64e3", "6.4e4", "\"64000\"", "64000.0"})
  void shouldReadEverySpellingOfAWholeNumber(String spelling) {
    assertThat(with("images=" + spelling).images()).isEqualTo(64000);
  }

  @Test
  void shouldReadAGroupOfKeysFromOneOverride() {
    RunConfig run = with("schedule={kind: cosine, t-max: 0.996}");

    assertThat(run.schedule())
        .isEqualTo(new ScheduleConfig(ScheduleConfig.Kind.COSINE, 0.006, 0.996));
  }

  @Test
  void shouldUnsetAnOptionalKeyWhenItIsNull() {
    assertThat(with("management.port=7626").management().port()).isEqualTo(OptionalInt.of(7626));
    assertThat(with("management.port=7626", "management.port=null").management().port()).isEmpty();
  }

  @Test
  void shouldHandEverythingUnderPekkoOnUnchecked() {
    RunConfig run =
        with("pekko.no.such.key=1", "pekko.cluster.seed-nodes.0=pekko://fewstep@host:7355");

    assertThat(run.pekko().getInt("no.such.key")).isEqualTo(1);
    assertThat(run.pekko().getStringList("cluster.seed-nodes"))
        .containsExactly("pekko://fewstep@host:7355");
  }

  @Test
  void shouldTakeFromThePresetWhatTheFileThatNamesItLeavesOpen() {
    LoadedRun run = load("preset = tiny\nbatch = 64\nseed = ${batch}\n", "optimizer.lr=0.5");

    assertThat(run.config())
        .isEqualTo(
            RunConfigLoader.load("tiny", List.of("batch=64", "seed=64", "optimizer.lr=0.5"))
                .config());
    assertThat(run.resolved().hasPath("preset")).isFalse();
  }

  @Test
  void shouldReadIncludesBesideTheFile() throws IOException {
    Files.writeString(folder.resolve("shared.conf"), "seed = 7\n");

    assertThat(load("preset = tiny\ninclude \"shared.conf\"\n").config().seed()).isEqualTo(7);
  }

  @Test
  void shouldNameTheIncludedFileWhenTheMistakeIsThere() throws IOException {
    Path shared = Files.writeString(folder.resolve("shared.conf"), "\nbatch = many\n");

    assertThatThrownBy(() -> load("preset = tiny\ninclude \"shared.conf\"\n"))
        .isInstanceOf(UserException.class)
        .hasMessage("batch (" + shared + ":2) must be a whole number, but is \"many\"");
  }

  @Test
  void shouldLoadFromTextAsFromAFile() {
    assertThat(RunConfigLoader.fromText("preset = tiny", "the manifest", List.of()).config())
        .isEqualTo(RunConfigLoader.load("tiny", List.of()).config());
    assertThatThrownBy(
            () -> RunConfigLoader.fromText("preset = tiny\nseed = x", "the manifest", List.of()))
        .hasMessage("seed (the manifest:2) must be a whole number, but is \"x\"");
  }

  private static RunConfig with(String... overrides) {
    return RunConfigLoader.load("tiny", List.of(overrides)).config();
  }

  private LoadedRun load(String text, String... overrides) {
    try {
      Path file = Files.writeString(folder.resolve("my.conf"), text);
      return RunConfigLoader.load(file.toString(), List.of(overrides));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldReadSettingsThatWereSavedUnderAFormerNameOfTheRule() {
    LoadedRun run = RunConfigLoader.load("tiny", List.of("exchange.rule=gradient"));

    assertThat(run.config().exchange())
        .isEqualTo(new ExchangeConfig.Synchronous(16, ExchangeConfig.Codec.FLOAT32, 0));
    assertThat(run.resolved().getString("exchange.rule")).isEqualTo("synchronous");
  }

  @Test
  void shouldTakeEachRulesOwnDefaults() {
    assertThat(RunConfigLoader.load("tiny", List.of("exchange.rule=bounded-staleness")).config())
        .extracting(RunConfig::exchange)
        .isEqualTo(
            new ExchangeConfig.BoundedStaleness(
                16,
                ExchangeConfig.Codec.FLOAT32,
                8,
                ExchangeConfig.StalenessWeighting.INVERSE,
                0.2));
    assertThat(
            RunConfigLoader.load(
                    "tiny", List.of("exchange.rule=local-steps", "exchange.local-steps=4"))
                .config())
        .extracting(RunConfig::exchange)
        .isInstanceOfSatisfying(
            ExchangeConfig.LocalSteps.class,
            local -> {
              assertThat(local.localSteps()).isEqualTo(4);
              assertThat(local.outerLr()).isEqualTo(0.7);
              assertThat(local.momentumDelay(3)).isEqualTo(3);
            });
  }

  /** Whatever of these a run sets itself holds all the same. */
  @Test
  void shouldTakeOverTheTeachersNetworkScheduleAndParameterisation(@TempDir Path folder)
      throws IOException {
    LoadedRun teacher =
        RunConfigLoader.load(
            "emoji32",
            List.of("objective.kind=edm", "network.channels=16", "schedule.kind=cosine"));
    Files.writeString(folder.resolve("config.conf"), RunConfigLoader.render(teacher.resolved()));
    Path student =
        Files.writeString(
            folder.resolve("student.conf"),
            """
            data { path = "builtin:toy-rings" }
            objective { kind = moment-matching, teacher = "%s" }
            optimizer.lr = 1e-4
            ema.tracks = [{ name = ema, half-life-images = 100 }]
            batch = 16
            images = 160
            exchange.unit-images = 16
            """
                .formatted(folder));
    RunConfig run =
        RunConfigLoader.load(student.toString(), List.of("parameterisation.sigma-data=0.4"))
            .config();

    assertThat(run.network()).isEqualTo(teacher.config().network());
    assertThat(run.schedule()).isEqualTo(teacher.config().schedule());
    assertThat(run.parameterisation().timeInput())
        .isEqualTo(ParameterisationConfig.TimeInput.LOG_NOISE);
    assertThat(run.parameterisation().timeScale()).isEqualTo(1);
    assertThat(run.parameterisation().sigmaData()).isEqualTo(0.4);
    assertThat(run.evaluation().sampler()).isEqualTo(SamplerKind.ANCESTRAL);
    assertThat(run.data().path()).isEqualTo("builtin:toy-rings");
  }

  @Test
  void shouldChangeThePresetsMethodByOneLine() {
    for (String kind :
        List.of("flow-matching", "diffusion", "edm", "consistency", "shortcut", "imm")) {
      RunConfig run =
          RunConfigLoader.load("quickstart", List.of("objective.kind=" + kind)).config();

      assertThat(Keys.kindOf(run.objective().getClass())).isEqualTo(kind);
      assertThat(run.objective().allows(run.evaluation().sampler())).isTrue();
      assertThat(run.network()).isInstanceOf(NetworkConfig.UNet.class);
    }
    assertThat(
            RunConfigLoader.load("emoji32", List.of("objective.kind=edm"))
                .config()
                .objective()
                .labelDropout())
        .isPositive();
  }
}
