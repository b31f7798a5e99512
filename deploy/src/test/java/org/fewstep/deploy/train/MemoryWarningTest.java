package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.model.run.RunMemory;
import org.junit.jupiter.api.Test;

class MemoryWarningTest {
  private static final long PLENTY = Long.MAX_VALUE;

  @Test
  void shouldSayNothingWhereMemoryIsThere() {
    assertThat(warning("micro-batch=64").on(PLENTY, PLENTY)).isEmpty();
  }

  @Test
  void shouldNameTheLargestMicroBatchThatFits() {
    long sixteen = total(16);

    assertThat(warning("micro-batch=64").on(sixteen, PLENTY).orElseThrow())
        .startsWith("this run takes about ")
        .endsWith("micro-batch=16 would fit");
    assertThat(total(12)).isLessThan(sixteen);
    assertThat(total(20)).isGreaterThan(sixteen);
    assertThat(warning("micro-batch=16").on(sixteen, PLENTY)).isEmpty();
  }

  @Test
  void shouldSayThatNoMicroBatchFits() {
    assertThat(warning("micro-batch=64").on(total(4) - 1, PLENTY).orElseThrow())
        .contains("no micro-batch would fit");
  }

  @Test
  void shouldSayHowToGiveJavaALargerHeap() {
    assertThat(warning("micro-batch=4").on(PLENTY, 1 << 30).orElseThrow())
        .contains("which may hold 1.0 GiB; FEWSTEP_JAVA_OPTS=-Xmx");
  }

  private static long total(int microBatch) {
    MemoryWarning warning = warning("micro-batch=" + microBatch);
    return RunMemory.of(warning.config(), warning.spec(), 1).total();
  }

  /** Settings that say what their data will be; of a network small enough to be asked often. */
  private static MemoryWarning warning(String setting) {
    RunConfig config =
        RunConfigLoader.load("imagenet256", List.of("network.depth=4", setting)).config();
    StepModelSpec spec = ModelFactory.expectedSpec(config).orElseThrow();
    return new MemoryWarning(config, spec, 1);
  }
}
