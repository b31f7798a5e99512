package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says to mistakes, and how soon. */
class MistakesTest {
  @TempDir Path temporary;

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
          sample --from nowhere --out a.png --sampler euler    | pushforward, restart
          evaluate --from nowhere --samples 1                  | --samples
          evaluate --from nowhere --time-grid log              | uniform, edm
          verify nowhere                                       | nowhere
          features train inception --data a --out b            | fashion-cnn
          bench                                                | step or run
          bench step nosuch                                    | 'nosuch'
          bench step --batch 0                                 | --batch
          bench step --batch 16,x                              | 'x'
          bench step --rounds 0                                | --rounds
          bench step --threads -1                              | --threads
          bench step tiny network.channels=0                   | network.channels
          bench step tiny                                      | ./fewstep
          bench run tiny batch=24                              | exchange.unit-images
          """)
  void shouldExitWith2AndOneSentence(String line, String named) throws IOException {
    Path damaged = temporary.resolve("damaged.conf");
    Files.writeString(damaged, "batch = {");
    String[] arguments =
        line.isEmpty() ? new String[0] : line.replace("DAMAGED", damaged.toString()).split(" ");

    Command.Result result = Command.run(arguments).exitedWith(2);

    assertThat(result.err()).hasSize(1);
    assertThat(result.err().get(0)).startsWith("fewstep: ").contains(named);
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
          """)
  void shouldExitWith2WhenTheRunCannotDoIt(String line, String named) {
    String run = TinyRun.shared().folder().toString();
    String[] arguments =
        (line.startsWith("sample") ? line + " --from RUN" : line).replace("RUN", run).split(" ");

    Command.Result result = Command.run(arguments).exitedWith(2);

    assertThat(result.err()).hasSize(1);
    assertThat(result.err().get(0)).startsWith("fewstep: ").contains(named);
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
            "bench run")) {
      String[] arguments = (command + " --help").split(" ");
      assertThat(String.join("\n", Command.run(arguments).exitedWith(0).out()))
          .contains("Usage: fewstep " + command, "--json");
    }
  }
}
