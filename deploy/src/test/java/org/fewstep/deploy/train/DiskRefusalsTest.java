package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.fewstep.config.CheckpointConfig.OnFailure;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Console;
import org.junit.jupiter.api.Test;

class DiskRefusalsTest {
  private static final PrintStream NOWHERE =
      new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);

  private final DiskRefusals refusals =
      new DiskRefusals(OnFailure.CONTINUE, new Console(NOWHERE, NOWHERE, false, false));

  @Test
  void shouldPromiseToMakeUpOnlyForAnEvaluationWhoseParametersAreKept() {
    refusals.unfinished(16);
    refusals.notKept(32);
    refusals.unfinished(32);

    assertThatThrownBy(refusals::end)
        .isInstanceOf(UserException.class)
        .hasMessage(
            "the evaluation at 32 images is lost, because the parameters could not be written;"
                + " 1 evaluation could not be written: make room, then give the same command with"
                + " --resume, which makes up for it");
  }

  @Test
  void shouldPromiseNothingWhenNoParametersAreKept() {
    refusals.notKept(16);
    refusals.notKept(32);
    refusals.unfinished(32);

    assertThatThrownBy(refusals::end)
        .hasMessageContaining("the evaluations at 16")
        .hasMessageContaining("are lost")
        .message()
        .doesNotContain("--resume");
  }

  @Test
  void shouldEndWellWhenAnEvaluationWasWrittenThoughItsParametersWereNot() {
    refusals.notKept(16);
    refusals.evaluated(16);

    refusals.end();

    assertThat(refusals.isFinished(16)).isTrue();
  }
}
