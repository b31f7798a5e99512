package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyTest {
  @TempDir Path folder;

  @Test
  void shouldGoOnAfterItWasKilledAndTrainNothingTwice() throws Exception {
    Path study = folder.resolve("study.conf");
    Files.writeString(
        study,
        """
        folder = "%s"
        metric = "FD[fashion-cnn]"
        settings = [
          "images=160", "batch=16", "optimizer.warmup-images=0", "checkpoint.every-images=16",
          "evaluation.at-images=[]", "evaluation.samples=64", "evaluation.steps=[4]"
        ]
        runs = [{ name = imm, preset = tiny, seeds = [0, 1] }]
        """
            .formatted(folder.resolve("runs")));
    String[] compare = {"compare", "--study", study.toString()};
    Path saved = folder.resolve("runs/imm-seed-0/checkpoints/images-000000016");

    Command killed = Command.start(compare);
    while (killed.isAlive() && !Files.exists(saved)) {
      Thread.sleep(1);
    }
    assertThat(killed.kill().exitCode()).isEqualTo(128 + 9);

    Command.Result first = Command.run(compare).exitedWith(0);
    assertThat(first.err())
        .anyMatch(line -> line.matches("fewstep: run 1 of 2, imm in .*, goes on"))
        .anyMatch(line -> line.matches("fewstep: run 2 of 2, imm in .*imm-seed-1"));
    assertThat(first.out()).last().asString().startsWith("| imm | 160 |").contains(" ± ");
    Path scores = folder.resolve("runs/imm-seed-1/scores.jsonl");
    String trained = Files.readString(scores);

    Command.Result again = Command.run(compare).exitedWith(0);
    assertThat(again.err()).containsExactly("fewstep: 2 of the study's 2 runs have ended already");
    assertThat(again.out()).isEqualTo(first.out());
    assertThat(scores).hasContent(trained);
  }
}
