package org.fewstep.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

class CpuThreadsTest {
  @Test
  void shouldLeaveTheNumberToTheEnvironmentUnlessOneIsChosen() {
    int before = CpuThreads.count();
    CpuThreads.use(0);
    assertThat(CpuThreads.count()).isEqualTo(before).isPositive();
  }

  /** ND4J sets OpenMP's number itself in the thread that loads it. */
  @Test
  void shouldHoldForTheCallingThreadTooThoughNd4jIsLoadedBefore() {
    NativeOps openMp = NativeOpsHolder.getInstance().getDeviceNativeOps();
    CpuThreads.use(3);
    try {
      assertThat(openMp.ompGetMaxThreads()).isEqualTo(3);
    } finally {
      CpuThreads.use(0);
    }
    assertThat(openMp.ompGetMaxThreads()).isEqualTo(CpuThreads.count());
  }

  @Test
  void shouldRefuseNegativeNumbers() {
    assertThatThrownBy(() -> CpuThreads.use(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
