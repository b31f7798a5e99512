package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyTest {
  @TempDir Path folder;

  @Test
  void shouldTrainWhatIsMissingAndNothingTwice() throws IOException {
    Path study = folder.resolve("study.conf");
    Files.writeString(
        study,
        """
        folder = "%s"
        metric = "FD[fashion-cnn]"
        settings = ["images=32", "batch=16", "evaluation.samples=16", "evaluation.steps=[1]", "optimizer.warmup-images=0"]
        runs = [{ name = imm, preset = tiny, seeds = [0, 1] }]
        """
            .formatted(folder.resolve("runs")));
    String[] compare = {"compare", "--study", study.toString()};

    Command.Result first = Command.run(compare).exitedWith(0);
    assertThat(first.out()).last().asString().startsWith("| imm | 32 |").contains(" ± ");
    Path scores = folder.resolve("runs/imm-seed-1/scores.jsonl");
    String trained = Files.readString(scores);

    Command.Result again = Command.run(compare).exitedWith(0);
    assertThat(again.err()).containsExactly("fewstep: 2 of the study's 2 runs have ended already");
    assertThat(again.out()).isEqualTo(first.out());
    assertThat(scores).hasContent(trained);
  }
}
