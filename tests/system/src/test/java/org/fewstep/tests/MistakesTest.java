package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says to mistakes, and how soon. */
class MistakesTest {
  @TempDir static Path current;
  private static CommandServer server;

  @TempDir Path temporary;

  @BeforeAll
  static void start() {
    server = CommandServer.startIn(current);
  }

  @AfterAll
  static void end() {
    server.close();
  }

  /** Arguments, and what the sentence must name. */
  @ParameterizedTest(name = "fewstep {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                                                   | a command is missing
          fly                                                  | 'fly'
          train                                                | PRESET-or-FILE.conf
          train quickstrt                                      | nearest: quickstart
          train tiny objective.kind=flow-matching schedule.t-max=1 evaluation.sampler=heun | infinite
          train tiny objective.kind=flow-matching schedule.t-max=1 evaluation.time-grid=edm evaluation.sampler=euler | infinite
          train tiny optimiser.lr=1                            | nearest is optimizer
          train tiny optimizer.lr=fast                         | optimizer.lr
          train tiny batch=24                                  | exchange.unit-images
          train tiny exchange.unit-images=6                    | objective.group-size
          train tiny parameterisation.kind=euler-fm schedule.kind=cosine | parameterisation.kind
          train tiny images                                    | key=value
          train tiny --bogus                                   | --bogus
          train tiny data.path=nowhere.zip                     | nowhere.zip
          train tiny data.path=builtin:nothing                 | fashion-mnist-train-10k
          train tiny evaluation.features=nothing               | fashion-cnn
          train tiny evaluation.reference=nothing.npz          | nothing.npz
          train tiny network.channel-mult=[1,1,1,1]            | network.channel-mult
          train tiny --resume                                  | --run-dir
          train tiny --run-dir /dev/null/run                   | /dev/null
          train DAMAGED                                        | damaged.conf
          sample --out a.png                                   | --from
          sample --from nowhere --out a.png                    | nowhere
          sample --from DAMAGED --out a.png                    | damaged.conf
          sample --from nowhere --out a.jpg                    | FILE.png
          sample --from nowhere --out /dev/null/a.png          | --out
          sample --from nowhere --out a.png --count 0          | --count
          sample --from nowhere --out a.png --steps 1,x        | 'x'
          sample --from nowhere --out a.png --steps 0          | --steps
          sample --from nowhere --out a.png --sampler rk45     | pushforward, restart
          evaluate --from nowhere --samples 1                  | --samples
          evaluate --from nowhere --save-every 0               | --save-every must be above 0
          evaluate --from nowhere --batch 0                    | --batch must be from 1
          evaluate --from nowhere --threads -1                 | --threads must be from 0
          evaluate --from nowhere --time-grid log              | uniform, edm
          verify nowhere                                       | nowhere
          import nowhere.pkl --out a.safetensors               | nowhere.pkl
          import DAMAGED --out a.safetensors                   | damaged.conf
          import DAMAGED --out a.pkl                           | FILE.safetensors
          import WEIGHTS --out a.safetensors                   | weights.safetensors
          features train inception --data a --out b            | fashion-cnn
          features train points --data a --out b               | fashion-cnn
          bench                                                | step, sample, run, transfer or score
          bench step nosuch                                    | 'nosuch'
          bench step --batch 0                                 | --batch
          bench step --batch 16,x                              | 'x'
          bench step --rounds 0                                | --rounds
          bench step --threads -1                              | --threads
          bench step tiny network.channels=0                   | network.channels
          bench step tiny                                      | ./fewstep
          bench run tiny batch=24                              | exchange.unit-images
          bench score --rounds 0                               | --rounds
          bench transfer --mib 0                               | --mib
          bench transfer --mib 257                             | --mib
          bench transfer --rounds 0                            | --rounds
          train nowhere.conf                                   | nowhere.conf
          train tiny batch=0                                   | batch
          train tiny images=16                                 | images
          train tiny trainers=65                               | trainers
          train tiny seed=1.5                                  | whole number
          train tiny evaluation.track=fast                     | evaluation.track
          train tiny checkpoint.keep-best=1 evaluation.features=none | checkpoint.keep-best
          train tiny checkpoint.best-steps=3                   | checkpoint.best-steps
          train tiny checkpoint.on-failure=ignore              | continue, stop
          train tiny data.path=DAMAGED                         | damaged.conf
          train tiny --run-dir DAMAGED                         | is a file
          train tiny --run-dir DAMAGED --resume                | is a file
          sample --from EMPTY --out a.png                      | neither a run
          sample --from WEIGHTS --out a.png                    | weights.safetensors
          evaluate                                             | --from
          evaluate --from EMPTY                                | neither a run
          verify DAMAGED                                       | damaged.conf
          verify EMPTY                                         | golden
          verify GOLDEN                                        | imm_loss.safetensors
          status --at 127.0.0.1:1                              | management.port
          status --at nowhere                                  | --at
          status --at 127.0.0.1:76260                          | --at
          worker --join 127.0.0.1:7600 --threads -5            | --threads must be from 0
          schedule                                             | run-now
          schedule show --at 127.0.0.1:1                       | 127.0.0.1:1
          schedule set nowhere.json                            | nowhere.json
          schedule set DAMAGED                                 | damaged.conf
          schedule set SCHEDULE                                | entries[quick].steps
          schedule set SCHEDULE --running stop                 | --running
          train tiny management.port=65536                     | management.port
          features                                             | reference
          features train fashion-cnn --data nowhere --out b.safetensors | nowhere
          features train fashion-cnn --data b.zip --out b.zip  | FILE.safetensors
          features train fashion-cnn --data nowhere --out WEIGHTS | --force
          features train fashion-cnn --data nowhere --out b --epochs 0 | --epochs
          features reference nowhere --out a.npz               | nowhere
          features reference nowhere --out a.txt               | STATS.npz
          """)
  void shouldExitWith2AndOneSentence(String line, String named) throws IOException {
    Path damaged = temporary.resolve("damaged.conf");
    Files.writeString(damaged, "batch = {");
    Path empty = Files.createDirectory(temporary.resolve("empty"));
    Path golden = Files.createDirectory(temporary.resolve("golden"));
    Path weights = temporary.resolve("weights.safetensors");
    for (Path truncated : List.of(weights, golden.resolve("imm_loss.safetensors"))) {
      Files.write(truncated, new byte[] {100, 0, 0, 0, 0, 0, 0, 0, '{'});
    }
    Path schedule = temporary.resolve("schedule.json");
    Files.writeString(schedule, "{\"entries\": [{\"name\": \"quick\", \"steps\": [0]}]}");
    String words =
        line.replace("DAMAGED", damaged.toString())
            .replace("SCHEDULE", schedule.toString())
            .replace("EMPTY", empty.toString())
            .replace("WEIGHTS", weights.toString())
            .replace("GOLDEN", golden.toString());

    Command.Result result =
        server.run(words.isEmpty() ? new String[0] : words.split(" ")).exitedWith(2);

    assertOneSentence(result, named);
    assertThat(empty).isEmptyDirectory();
    assertThat(damaged).hasContent("batch = {");
    assertThat(current).isEmptyDirectory();
  }

  @Test
  void shouldEndTheProcessWithOneSentence() {
    assertOneSentence(
        Command.run("train", "tiny", "data.path=nowhere.zip").exitedWith(2), "nowhere.zip");
  }

  private static void assertOneSentence(Command.Result result, String named) {
    assertThat(result.err()).hasSize(1);
    assertThat(result.err().get(0)).startsWith("fewstep: ").contains(named);
  }

  /** Arguments in a world with a read-only folder and a disk without a free byte. */
  @ParameterizedTest(name = "fewstep {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          train tiny --run-dir READONLY/new                          | READONLY | Read-only
          train tiny --run-dir READONLY/new --resume                 | READONLY | Read-only
          train tiny --run-dir READONLY/run --resume                 | READONLY | Read-only
          train tiny --run-dir FULL/run                              | FULL     | No space left
          sample --from RUN --steps 1 --count 4 --out READONLY/a.png | READONLY | no folder to write to
          sample --from RUN --steps 1 --count 100 --out FULL/a.png   | FULL     | No space left
          features reference builtin:fashion-mnist-test-2k --out READONLY/a.npz | READONLY | no folder to write to
          """)
  void shouldExitWith2WhenTheDiskRefuses(String line, String folder, String why) throws Exception {
    Path readOnly = Files.createDirectory(temporary.resolve("readonly"));
    Path run = Files.createDirectory(readOnly.resolve("run"));
    Files.copy(TinyRun.shared().folder().resolve("config.conf"), run.resolve("config.conf"));
    Path full = Files.createDirectory(temporary.resolve("full"));
    Path left = Files.createDirectory(temporary.resolve("left"));
    String words =
        line.replace("READONLY", readOnly.toString())
            .replace("FULL", full.toString())
            .replace("RUN", TinyRun.shared().folder().toString());

    Command.Result result =
        Command.startUnder(
                Mounts.shell(
                    Mounts.readOnly(readOnly)
                        + Mounts.disk(full, 8)
                        + "cat /dev/zero >'%s/filler' 2>/dev/null\n".formatted(full)
                        + Mounts.commandThenCopy(full, left)
                            .replace("cp -a", "rm '" + full + "/filler'; cp -a")),
                words.split(" "))
            .await()
            .exitedWith(2);

    assertOneSentence(result, why);
    assertThat(result.err().get(0))
        .contains(folder.equals("FULL") ? full.toString() : readOnly.toString());
    try (Stream<Path> files = Files.walk(left)) {
      assertThat(files.filter(Files::isRegularFile).map(path -> path.getFileName().toString()))
          .allMatch(name -> name.equals(".lock"));
    }
  }

  @ParameterizedTest(name = "fewstep {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sample --class 3 --out a.png  | --class
          sample --guidance 2 --out a.png | --guidance
          sample --track fast --out a.png | 'fast'
          train tiny --run-dir RUN        | --resume
          train tiny --run-dir RUN --resume images=640 batch=16 exchange.unit-images=8 seed=1 | seed
          train tiny --run-dir RUN --resume images=640 network.channels=12 | the network
          train tiny --run-dir RUN --resume images=640 batch=32 exchange.unit-images=8 | batch
          train tiny --run-dir RUN --resume images=640 batch=16 exchange.unit-images=8 data.path=builtin:fashion-mnist-test-2k | data.path
          """)
  void shouldExitWith2WhenTheRunCannotDoIt(String line, String named) {
    String run = TinyRun.shared().folder().toString();
    String[] arguments =
        (line.startsWith("sample") ? line + " --from RUN" : line).replace("RUN", run).split(" ");

    assertOneSentence(server.run(arguments).exitedWith(2), named);
  }

  /** Parameters too large to compute with: a sentence after a few updates, no stack trace. */
  @Test
  void shouldExitWith2WhenTrainingDiverges() {
    Path run = temporary.resolve("diverged");

    Command.Result result =
        Command.run(
                TinyRun.train(
                    run,
                    "optimizer.lr=1e30",
                    "optimizer.warmup-images=0",
                    "evaluation.features=none",
                    "checkpoint.every-images=16",
                    "checkpoint.keep-last=20"))
            .exitedWith(2);

    List<String> sentences =
        result.err().stream().filter(line -> line.startsWith("fewstep: ")).toList();
    assertThat(result.err())
        .noneMatch(said -> said.contains("\tat ") || said.contains("Exception"))
        .noneMatch(said -> said.contains("RunCoordinator"));
    assertThat(sentences.get(0))
        .matches("fewstep: after \\d+ images .* in unit \\d+ is not finite.*");
    assertThat(sentences).last().asString().contains("Training has diverged", "optimizer.lr");
  }

  @Test
  void shouldHelpBeforeAnythingHeavyIsLoaded() {
    Command.Result help = Command.run(List.of("-verbose:class"), "--help").exitedWith(0);

    assertThat(help.out()).anyMatch(line -> line.startsWith("Usage: fewstep"));
    assertThat(help.out())
        .noneMatch(line -> line.contains(" org.nd4j.") || line.contains(" org.bytedeco."))
        .noneMatch(line -> line.contains(" org.apache.pekko."));
  }

  @Test
  void shouldNameItsVersion() {
    assertThat(Command.run("--version").exitedWith(0).out())
        .singleElement(InstanceOfAssertFactories.STRING)
        .matches("fewstep \\d+\\.\\d+\\.\\d+\\S*( \\([0-9a-f]{7,}.*\\))?");
  }

  @Test
  void shouldExplainItselfInEveryCommand() {
    for (String command :
        List.of(
            "train",
            "sample",
            "evaluate",
            "verify",
            "features train",
            "data fetch",
            "data convert",
            "data inspect",
            "bench step",
            "bench run",
            "bench transfer")) {
      String[] arguments = (command + " --help").split(" ");
      assertThat(String.join("\n", server.run(arguments).exitedWith(0).out()))
          .contains("Usage: fewstep " + command, "--json");
    }
  }
}
