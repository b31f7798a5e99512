package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user reads after each kind of mistake. */
class RunConfigErrorsTest {
  private static final String CL = " (command line) ";

  @TempDir Path folder;

  static Stream<Arguments> mistakes() {
    return Stream.of(
        // Keys that nobody reads.
        arguments("bacth=64", "bacth" + CL + "is not a known key; the nearest is batch"),
        arguments("lr=1", "lr" + CL + "is not a known key; the nearest is optimizer.lr"),
        arguments(
            "evaluation.stepps=1,2",
            "evaluation.stepps" + CL + "is not a known key; the nearest is evaluation.steps"),
        arguments(
            "optimiser.lr=1", "optimiser" + CL + "is not a known key; the nearest is optimizer"),
        arguments(
            "optimizer.warmup=1",
            "optimizer.warmup" + CL + "is not a known key; the nearest is optimizer.warmup-images"),
        arguments("batch-size=1", "batch-size" + CL + "is not a known key; the nearest is batch"),
        arguments(
            "network.chanels=8",
            "network.chanels"
                + CL
                + "is not a known key of kind unet; the nearest is network.channels"),
        arguments(
            "schedule.tMin=0",
            "schedule.tMin" + CL + "is not a known key; the nearest is schedule.t-min"),
        arguments("data.path.x=1", "data.path" + CL + "must be a text, but is {\"x\":1}"),
        arguments(
            "ema.tracks=[{name: a, half-life-images: 1, ramp-up: 1}]",
            "ema.tracks[0].ramp-up"
                + CL
                + "is not a known key; the nearest is ema.tracks.ramp-up-ratio"),
        // Absent keys.
        arguments("data.path=\"\"${?NOBODY_SETS_THIS}", "data.path" + CL + "must not be empty"),
        arguments(
            "batch=null",
            "batch is missing; set it in the file or on the command line with batch=..."),
        arguments(
            "ema.tracks=[{name: a}]",
            "ema.tracks[0].half-life-images is missing; set it in the file"),
        // Types.
        arguments("batch=many", "batch" + CL + "must be a whole number, but is \"many\""),
        arguments("batch=", "batch" + CL + "must be a whole number, but is \"\""),
        arguments("batch=true", "batch" + CL + "must be a whole number, but is true"),
        arguments("batch=[1]", "batch" + CL + "must be a whole number, but is [1]"),
        arguments("batch=1.5", "batch" + CL + "must be a whole number, but is 1.5"),
        arguments("batch=1, seed=2", "batch" + CL + "must be a whole number, but is \"1, seed=2\""),
        arguments(
            "batch=3000000000",
            "batch"
                + CL
                + "must be a whole number from -2147483648 to 2147483647, but is 3000000000"),
        arguments(
            "images=1e30",
            "images"
                + CL
                + "must be a whole number from -9223372036854775808 to 9223372036854775807, but is"
                + " 1.0E30"),
        arguments("optimizer.lr=fast", "optimizer.lr" + CL + "must be a number, but is \"fast\""),
        arguments("optimizer.lr=NaN", "optimizer.lr" + CL + "must be a number, but is \"NaN\""),
        arguments(
            "objective.weight-bias=\"1e999\"",
            "objective.weight-bias" + CL + "must be a number that fits 64 bits, but is \"1e999\""),
        arguments("data.flip=maybe", "data.flip" + CL + "must be true or false, but is \"maybe\""),
        arguments("data.flip=1", "data.flip" + CL + "must be true or false, but is 1"),
        arguments(
            "evaluation.steps=[1, two]",
            "evaluation.steps[1]" + CL + "must be a whole number, but is \"two\""),
        arguments(
            "evaluation.steps=[1, 2",
            "evaluation.steps" + CL + "must be a list such as [1, 2], but is \"[1, 2\""),
        arguments(
            "ema.tracks=ema",
            "ema.tracks[0]" + CL + "must be a group of keys in braces, but is \"ema\""),
        arguments(
            "data=here.zip",
            "data" + CL + "must be a group of keys in braces, but is \"here.zip\""),
        arguments(
            "network=unet", "network" + CL + "must be a group of keys in braces, but is \"unet\""),
        arguments(
            "pekko=fast", "pekko" + CL + "must be a group of keys in braces, but is \"fast\""),
        arguments(
            "management.port=http",
            "management.port" + CL + "must be a whole number, but is \"http\""),
        // Choices.
        arguments(
            "schedule.kind=linear",
            "schedule.kind" + CL + "must be one of flow, cosine, linear-beta, but is \"linear\""),
        arguments(
            "schedule.kind=FLOW",
            "schedule.kind" + CL + "must be one of flow, cosine, linear-beta, but is \"FLOW\""),
        arguments(
            "network.kind=vit",
            "network.kind" + CL + "must be one of unet, adm, dit, mlp, but is \"vit\""),
        arguments("data.augment=1.5", "data.augment" + CL + "must be between 0 and 1, but is 1.5"),
        arguments(
            "objective.kind=gan",
            "objective.kind"
                + CL
                + "must be one of imm, flow-matching, diffusion, edm, consistency, shortcut,"
                + " moment-matching, but is \"gan\""),
        arguments(
            "exchange.rule=delta",
            "exchange.rule"
                + CL
                + "must be one of synchronous, bounded-staleness, local-steps, but is \"delta\""),
        arguments(
            "exchange.staleness-max=3",
            "exchange.staleness-max"
                + CL
                + "belongs to another rule than synchronous, which is chosen"),
        arguments(
            "exchange={rule: bounded-staleness, staleness-max: 0}",
            "exchange.staleness-max"
                + CL
                + "must be at least 1, but is 0; where nothing may be stale, set exchange.rule ="
                + " synchronous"),
        arguments(
            "exchange={rule: bounded-staleness, outer-lr: 1}",
            "exchange.outer-lr"
                + CL
                + "belongs to another rule than bounded-staleness, which is chosen"),
        arguments(
            "exchange={rule: bounded-staleness, staleness-weighting: linear}",
            "exchange.staleness-weighting"
                + CL
                + "must be one of none, inverse, exponential, but is \"linear\""),
        arguments(
            "exchange={rule: local-steps, local-steps: 0}",
            "exchange.local-steps" + CL + "must be between 1 and 100000, but is 0"),
        arguments(
            "exchange={rule: local-steps, local-steps: 50000}",
            "exchange.local-steps"
                + CL
                + "must not make a round longer than the run's 320 images, but 50000 steps of 32"
                + " images do"),
        arguments(
            "exchange={rule: local-steps, outer-momentum: 1}",
            "exchange.outer-momentum" + CL + "must be at least 0 and below 1, but is 1.0"),
        arguments(
            "exchange={rule: local-steps, outer-lr: 0}",
            "exchange.outer-lr" + CL + "must be above 0, but is 0.0"),
        arguments(
            "exchange={rule: local-steps, momentum-delay: 0}",
            "exchange.momentum-delay" + CL + "must be at least 1, but is 0"),
        arguments(
            "exchange={rule: local-steps, staleness-decay: 0}",
            "exchange.staleness-decay" + CL + "must be above 0, but is 0.0"),
        arguments(
            "exchange.codec=int8",
            "exchange.codec" + CL + "must be one of float32, bfloat16, but is \"int8\""),
        arguments(
            "optimizer.kind=sgd",
            "optimizer.kind" + CL + "must be one of radam, adam, adamw, but is \"sgd\""),
        arguments(
            "parameterisation.kind=edm",
            "parameterisation.kind"
                + CL
                + "must be one of identity, simple-edm, euler-fm, epsilon, but is \"edm\""),
        arguments(
            "evaluation.sampler=rk45",
            "evaluation.sampler"
                + CL
                + "must be one of pushforward, restart, euler, heun, ddim, ddpm, shortcut,"
                + " ancestral, but is \"rk45\""),
        arguments(
            "evaluation.sampler=euler",
            "evaluation.sampler"
                + CL
                + "must be one of pushforward, restart with objective.kind = imm, whose network learns"
                + " nothing else, but is euler"),
        // Ranges.
        arguments("data.path=", "data.path" + CL + "must not be empty"),
        arguments(
            "network.channels=0", "network.channels" + CL + "must be between 4 and 8192, but is 0"),
        arguments(
            "network.channels=9",
            "network.channels"
                + CL
                + "must be even, because sines and cosines share them, but is 9"),
        arguments(
            "network.channels=150",
            "network.channels"
                + CL
                + "gives a layer of 150 channels, which cannot be split into 32 groups to normalise;"
                + " use a multiple of 32"),
        arguments(
            "network.channel-mult=[]",
            "network.channel-mult" + CL + "must list at least one value"),
        arguments(
            "network.channel-mult=1,0",
            "network.channel-mult" + CL + "must list values between 1 and 64, but lists 0"),
        arguments(
            "network.channel-mult=1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
            "network.channel-mult" + CL + "must list at most 16 levels, but lists 17"),
        arguments(
            "network.blocks=0", "network.blocks" + CL + "must be between 1 and 1000, but is 0"),
        arguments(
            "network.attention-resolutions=7,7",
            "network.attention-resolutions" + CL + "must list each value once, but repeats 7"),
        arguments(
            "network.dropout=1",
            "network.dropout" + CL + "must be at least 0 and below 1, but is 1.0"),
        arguments(
            "network.augment-dim=-1", "network.augment-dim" + CL + "must be at least 0, but is -1"),
        arguments(
            "schedule.t-min=-0.1", "schedule.t-min" + CL + "must be between 0 and 1, but is -0.1"),
        arguments(
            "schedule.t-max=1.1", "schedule.t-max" + CL + "must be between 0 and 1, but is 1.1"),
        arguments(
            "schedule.t-min=0.994",
            "schedule.t-min" + CL + "must be below t-max = 0.994, but is 0.994"),
        arguments(
            "parameterisation.sigma-data=0",
            "parameterisation.sigma-data" + CL + "must be above 0, but is 0.0"),
        arguments(
            "parameterisation.time-scale=-1",
            "parameterisation.time-scale" + CL + "must be above 0, but is -1.0"),
        arguments(
            "objective.group-size=0", "objective.group-size" + CL + "must be at least 1, but is 0"),
        arguments(
            "objective.mapping-exponent=0",
            "objective.mapping-exponent" + CL + "must be between 1 and 30, but is 0"),
        arguments(
            "objective.weight-exponent=-1",
            "objective.weight-exponent" + CL + "must not be negative, but is -1.0"),
        arguments(
            "objective.label-dropout=1.5",
            "objective.label-dropout" + CL + "must be between 0 and 1, but is 1.5"),
        arguments("optimizer.lr=0", "optimizer.lr" + CL + "must be above 0, but is 0.0"),
        arguments(
            "optimizer.beta1=1",
            "optimizer.beta1" + CL + "must be at least 0 and below 1, but is 1.0"),
        arguments(
            "optimizer.weight-decay=-1",
            "optimizer.weight-decay" + CL + "must not be negative, but is -1.0"),
        arguments(
            "optimizer.warmup-images=-1",
            "optimizer.warmup-images" + CL + "must be at least 0, but is -1"),
        arguments("ema.tracks=[]", "ema.tracks" + CL + "must list at least one value"),
        arguments(
            "ema.tracks=[{name: live, half-life-images: 1}]",
            "ema.tracks[0].name"
                + CL
                + "must not be \"live\", which stands for the parameters themselves"),
        arguments(
            "ema.tracks=[{name: Ema, half-life-images: 1}]",
            "ema.tracks[0].name" + CL + "must consist of a-z, 0-9 and dashes, but is \"Ema\""),
        arguments(
            "ema.tracks=[{name: a, half-life-images: 0}]",
            "ema.tracks[0].half-life-images" + CL + "must be at least 1, but is 0"),
        arguments(
            "ema.tracks=[{name: a, half-life-images: 1}, {name: a, half-life-images: 2}]",
            "ema.tracks" + CL + "must list each value once, but repeats a"),
        arguments("trainers=0", "trainers" + CL + "must be between 1 and 64, but is 0"),
        arguments("trainers=65", "trainers" + CL + "must be between 1 and 64, but is 65"),
        arguments("batch=0", "batch" + CL + "must be at least 1, but is 0"),
        arguments(
            "exchange.unit-images=0", "exchange.unit-images" + CL + "must be at least 1, but is 0"),
        arguments(
            "evaluation.every-images=-1",
            "evaluation.every-images" + CL + "must be at least 0, but is -1"),
        arguments("evaluation.steps=[]", "evaluation.steps" + CL + "must list at least one value"),
        arguments(
            "evaluation.steps=1,0",
            "evaluation.steps" + CL + "must list values between 1 and 1000000, but lists 0"),
        arguments(
            "evaluation.steps=2,2",
            "evaluation.steps" + CL + "must list each value once, but repeats 2"),
        arguments(
            "evaluation.grid-images=0",
            "evaluation.grid-images" + CL + "must be between 1 and 10000, but is 0"),
        arguments("evaluation.batch=0", "evaluation.batch" + CL + "must be at least 1, but is 0"),
        arguments(
            "evaluation.guidance=-1",
            "evaluation.guidance" + CL + "must not be negative, but is -1.0"),
        arguments(
            "checkpoint.every-images=-1",
            "checkpoint.every-images" + CL + "must be at least 0, but is -1"),
        arguments(
            "checkpoint.keep-last=0", "checkpoint.keep-last" + CL + "must be at least 1, but is 0"),
        arguments(
            "checkpoint.keep-best=-1",
            "checkpoint.keep-best" + CL + "must be at least 0, but is -1"),
        arguments(
            "checkpoint.best-steps=3",
            "checkpoint.best-steps" + CL + "must be one of evaluation.steps = [1, 2], but is 3"),
        arguments(
            "evaluation.metrics=[fid]",
            "evaluation.metrics[0]"
                + CL
                + "must be one of frechet, frechet-infinite, spatial-frechet, kid, inception-score,"
                + " precision-recall, density-coverage, nearest-neighbours, mmd, sliced-wasserstein,"
                + " but is \"fid\""),
        arguments(
            "checkpoint.on-failure=ignore",
            "checkpoint.on-failure" + CL + "must be one of continue, stop, but is \"ignore\""),
        arguments(
            "management.port=65536",
            "management.port" + CL + "must be between 0 and 65535, but is 65536"),
        arguments("log.tick-images=0", "log.tick-images" + CL + "must be at least 1, but is 0"),
        // Combinations.
        arguments(
            "batch=40",
            "batch" + CL + "must be a multiple of exchange.unit-images = 16, but is 40"),
        arguments(
            "exchange.unit-images=6",
            "exchange.unit-images"
                + CL
                + "must be a multiple of objective.group-size = 4, but is 6"),
        arguments(
            "micro-batch=6",
            "micro-batch"
                + CL
                + "must be a multiple of objective.group-size = 4, because a group is computed as a"
                + " whole, but is 6"),
        arguments(
            "micro-batch=0",
            "micro-batch"
                + CL
                + "must be a multiple of objective.group-size = 4, because a group is computed as a"
                + " whole, but is 0"),
        arguments("images=31", "images" + CL + "must be at least one batch of 32, but is 31"),
        arguments(
            "evaluation.at-images=32,321",
            "evaluation.at-images" + CL + "must lie within the run's 320 images, but lists 321"),
        arguments(
            "evaluation.track=fast",
            "evaluation.track"
                + CL
                + "must name one of ema.tracks (ema) or be live, but is \"fast\""),
        arguments(
            "evaluation.samples=1",
            "evaluation.samples"
                + CL
                + "must be at least 2, because a score needs a covariance, but is 1"),
        arguments(
            "evaluation.reference=none",
            "evaluation.reference"
                + CL
                + "must name what to compare with, because features = fashion-cnn asks for scores"
                + " (features = none switches them off)"),
        arguments(
            "optimizer.decay-images=300",
            "optimizer.warmup-images (preset tiny:17) and optimizer.decay-images must fit into the"
                + " run's 320 images together, but are 64 and 300"),
        arguments(
            "objective.label-dropout=0.1",
            "objective.label-dropout"
                + CL
                + "has no labels to drop: set data.labels = true, or leave it 0"),
        arguments(
            "evaluation.guidance=1.5",
            "evaluation.guidance"
                + CL
                + "must be 1 unless data.labels = true and objective.label-dropout is above 0, because"
                + " only then the network learns to draw without a label"),
        arguments(
            "schedule.t-max=1",
            "schedule.t-max"
                + CL
                + "must be below 1 with objective.kind = imm, whose mapping steps in sigma / alpha,"
                + " infinite at time 1"),
        arguments(
            "objective.min-gap=0.99",
            "objective.min-gap"
                + CL
                + "must be smaller than schedule.t-max - schedule.t-min, but is 0.99"),
        // Overrides and substitutions.
        arguments(
            "quick", "the override 'quick' is not of the form key=value, as in optimizer.lr=2e-4"),
        arguments("=3", "the override '=3' is not of the form key=value, as in optimizer.lr=2e-4"),
        arguments(
            "batch+=3",
            "the override 'batch+=3' is not of the form key=value, as in optimizer.lr=2e-4"),
        arguments(
            "a..b=3",
            "the override 'a..b=3' is not of the form key=value, as in optimizer.lr=2e-4"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mistakes")
  void shouldSayWhatIsWrongWhenAnOverrideIsAMistake(String override, String sentence) {
    assertThat(mistake("tiny", override)).isEqualTo(sentence);
  }

  @Test
  void shouldRefuseEulerFmWhenTheScheduleIsCurved() {
    assertThat(mistake("tiny", "parameterisation.kind=euler-fm", "schedule.kind=cosine"))
        .startsWith(
            "parameterisation.kind (command line) must not be euler-fm unless schedule.kind = flow");
    assertThat(load("parameterisation.kind=euler-fm").parameterisation().kind())
        .isEqualTo(ParameterisationConfig.Kind.EULER_FM);
  }

  @Test
  void shouldRefuseWhatOneObjectiveCannotHave() {
    assertThat(mistake("tiny", "objective.kind=shortcut", "evaluation.steps=[1,3]"))
        .startsWith(
            "evaluation.steps (command line) must list powers of two with evaluation.sampler");
    assertThat(mistake("tiny", "objective.kind=shortcut", "objective.smallest-steps=100"))
        .isEqualTo("objective.smallest-steps (command line) must be a power of two, but is 100");
    assertThat(
            mistake(
                "tiny",
                "objective.kind=consistency",
                "objective.grid-min=200",
                "objective.variant=ct"))
        .isEqualTo(
            "objective.grid-min (command line) must not be above grid-max = 150, but is 200");
    assertThat(mistake("tiny", "objective.kind=edm", "schedule.t-max=1"))
        .startsWith("schedule.t-max (command line) must be inside (0, 1) with parameterisation");
    assertThat(mistake("tiny", "objective.kind=consistency", "objective.target-track=fast"))
        .isEqualTo(
            "objective.target-track (command line) must name one of ema.tracks (ema) or be live, but"
                + " is \"fast\"");
    for (String exchange : new String[] {"delay=1", "rule=local-steps"}) {
      assertThat(
              mistake(
                  "tiny",
                  "objective.kind=shortcut",
                  "objective.target-track=ema",
                  "exchange." + exchange,
                  "images=1600"))
          .startsWith("exchange." + exchange.replaceAll("=.*", "") + " (command line) must ")
          .contains("with objective.target-track = ema");
    }
    assertThat(mistake("tiny", "objective.kind=edm", "objective.group-size=4"))
        .startsWith("objective.group-size (command line) belongs to another kind than edm");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          alternating | objective.steps=0 | objective.steps (command line) must be between 1 and 16, but is 0
          alternating | objective.steps=17 | objective.steps (command line) must be between 1 and 16, but is 17
          alternating | objective.teacher="" | objective.teacher (command line) must not be
          alternating | objective.form=both | objective.form (command line) must be one of alternating, instant, but
          alternating | objective.label-dropout=0.1 | objective.label-dropout (command line) belongs to another kind
          alternating | exchange.rule=bounded-staleness | exchange.rule (command line) must be synchronous with objective.form = alternating
          alternating | exchange.rule=local-steps | exchange.rule (command line) must be synchronous with objective.form = alternating
          alternating | exchange.delay=1 | exchange.delay (command line) must be 0 with objective.form = alternating
          alternating | schedule.t-min=0 | schedule.t-min (command line) must be above 0 with objective.kind = moment-matching
          alternating | evaluation.guidance=1.5 | evaluation.guidance (command line) must be 1 with objective.kind = moment-matching
          alternating | evaluation.sampler=ddim | evaluation.sampler (command line) must be one of ancestral with
          instant | exchange.unit-images=1 | exchange.unit-images (command line) must be even with objective.form = instant
          instant | micro-batch=3 | micro-batch (command line) must be even with objective.form = instant
          instant | objective.teacher-guidance=2 | objective.teacher-guidance (command line) must be 1 with form = instant
          """)
  void shouldRefuseWhatADistillationCannotHave(String form, String setting, String sentence) {
    assertThat(mistake("toy-moment-matching-" + form, setting))
        .startsWith(sentence)
        .doesNotContain("\n");
  }

  @Test
  void shouldRefuseADistillationWithoutATeacher() {
    assertThat(mistake("tiny", "objective.kind=moment-matching")).startsWith("objective.teacher");
  }

  @Test
  void shouldRefuseTheIdentityWhenTimeStartsAtZero() {
    assertThat(mistake("tiny", "parameterisation.kind=identity", "schedule.t-min=0"))
        .isEqualTo(
            "schedule.t-min (command line) must be above 0 with parameterisation.kind = identity,"
                + " which divides 0 by 0 at time 0");
    assertThat(load("parameterisation.kind=simple-edm", "schedule.t-min=0").schedule().tMin())
        .isZero();
  }

  @Test
  void shouldRefuseGuidanceWhenLabelsAreNeverDropped() {
    assertThat(mistake("tiny", "data.labels=true", "evaluation.guidance=1.5"))
        .startsWith("evaluation.guidance (command line) must be 1 unless");
    assertThat(
            load("data.labels=true", "objective.label-dropout=0.1", "evaluation.guidance=1.5")
                .evaluation()
                .guidance())
        .isEqualTo(1.5);
    String[] labels = {"data.labels=true", "objective.label-dropout=0.1"};
    assertThat(
            load(
                    labels[0],
                    labels[1],
                    "evaluation.guidance=1.5",
                    "evaluation.further-guidance=1,2.25")
                .evaluation()
                .entries())
        .extracting(EvaluationEntry::name, EvaluationEntry::guidance)
        .containsExactly(
            tuple("evaluation", 1.5), tuple("guidance-1", 1.0), tuple("guidance-2-25", 2.25));
    assertThat(mistake("tiny", labels[0], labels[1], "evaluation.further-guidance=1"))
        .isEqualTo(
            "evaluation.further-guidance (command line) must list other weights than guidance, but"
                + " lists 1.0");
    assertThat(mistake("tiny", labels[0], labels[1], "evaluation.further-guidance=1e-300"))
        .isEqualTo(
            "evaluation.further-guidance (command line) must list weights of few digits, but lists"
                + " 1.0E-300");
    assertThat(mistake("tiny", "data.labels=true", "evaluation.further-guidance=1.5"))
        .startsWith("evaluation.further-guidance (command line) must be 1 unless");
  }

  @Test
  void shouldAllowOneSampleAndNoReferenceWhenNothingIsScored() {
    EvaluationConfig evaluation =
        load(
                "evaluation.features=none",
                "evaluation.reference=none",
                "evaluation.held-out=none",
                "evaluation.samples=1",
                "evaluation.track=live")
            .evaluation();

    assertThat(evaluation.scored()).isFalse();
    assertThat(evaluation.hasHeldOut()).isFalse();
  }

  @Test
  void shouldNameFileAndLineWhenTheMistakeIsInAFile() throws IOException {
    Path file = file("preset = tiny\n\nnetwork {\n  chanels = 3\n}\n");

    assertThat(mistake(file.toString()))
        .isEqualTo(
            "network.chanels ("
                + file
                + ":4) is not a known key of kind unet; the nearest is network.channels");
  }

  @Test
  void shouldNameTheStrongestPlaceWhenSeveralAddToAnUnknownGroup() throws IOException {
    Path file = file("preset = tiny\noptimiser.lr = 3\n");

    assertThat(mistake(file.toString(), "optimiser.kind=adam"))
        .isEqualTo("optimiser (command line) is not a known key; the nearest is optimizer");
    assertThat(mistake(file.toString()))
        .isEqualTo("optimiser (" + file + ":2) is not a known key; the nearest is optimizer");
  }

  @Test
  void shouldNameTheKeyWhenAFileLeavesItOut() throws IOException {
    assertThat(mistake(file("batch = 3\n").toString()))
        .isEqualTo(
            "data.path is missing; set it in the file or on the command line with data.path=...");
    assertThat(mistake(file("data.path = x\n").toString()))
        .isEqualTo(
            "network.kind is missing; set it in the file or on the command line with"
                + " network.kind=...");
  }

  @Test
  void shouldNameFileAndLineWhenTheFileIsNoHocon() throws IOException {
    Path file = file("batch = 3\nnetwork {\n  kind = [\n}\n");

    assertThat(mistake(file.toString()))
        .startsWith(file + ":4 cannot be read: ")
        .doesNotContain("\n");
  }

  @Test
  void shouldNameFileAndLineWhenASubstitutionLeadsNowhere() throws IOException {
    Path file = file("preset = tiny\nseed = ${no.such.key}\n");

    assertThat(mistake(file.toString()))
        .startsWith(file + ":2 cannot be read: ")
        .contains("no.such.key")
        .doesNotContain("\n");
  }

  @Test
  void shouldSuggestAPresetWhenThereIsNoSuchPresetOrFile() throws IOException {
    assertThat(mistake("quikstart"))
        .isEqualTo(
            "there is no preset or file 'quikstart'; presets are cifar10, emoji32, fashion-mnist, fashion-mnist-distill, imagenet256, mnist, pictures32, quickstart, tiny,"
                + " toy-consistency, toy-diffusion, toy-edm, toy-flow-matching, toy-imm,"
                + " toy-moment-matching-alternating, toy-moment-matching-instant, toy-shortcut"
                + " (nearest: quickstart)");
    assertThat(mistake("tin")).endsWith("(nearest: tiny)");
    assertThat(mistake(folder.toString())).startsWith("there is no preset or file '" + folder);
    Path file = file("seed = 1\npreset = quickstrat\n");
    assertThat(mistake(file.toString()))
        .isEqualTo(
            "preset ("
                + file
                + ":2) names no preset: 'quickstrat'; presets are cifar10, emoji32, fashion-mnist, fashion-mnist-distill, imagenet256, mnist, pictures32, quickstart, tiny,"
                + " toy-consistency, toy-diffusion, toy-edm, toy-flow-matching, toy-imm,"
                + " toy-moment-matching-alternating, toy-moment-matching-instant, toy-shortcut"
                + " (nearest: quickstart)");
  }

  private static RunConfig load(String... overrides) {
    return RunConfigLoader.load("tiny", List.of(overrides)).config();
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("my.conf"), text);
  }

  @Test
  void shouldRefuseToKeepTheBestWhenNothingIsScored() {
    assertThat(mistake("tiny", "checkpoint.keep-best=1", "checkpoint.best-score=recall"))
        .contains(
            "checkpoint.best-score (command line) must be one that evaluation.metrics = [frechet]"
                + " measures, but is recall, which precision-recall measures");
    assertThat(mistake("tiny", "checkpoint.keep-best=1", "evaluation.features=none"))
        .isEqualTo(
            "checkpoint.keep-best (command line) must be 0 unless evaluation.features asks for"
                + " scores");
  }

  private static String mistake(String presetOrFile, String... overrides) {
    Throwable thrown = catchThrowable(() -> RunConfigLoader.load(presetOrFile, List.of(overrides)));
    assertThat(thrown).isInstanceOf(UserException.class);
    return thrown.getMessage();
  }
}
