package org.fewstep.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CpuThreadsTest {
  @Test
  void shouldLeaveTheNumberToTheEnvironmentUnlessOneIsChosen() {
    int before = CpuThreads.count();
    CpuThreads.use(0);
    assertThat(CpuThreads.count()).isEqualTo(before).isPositive();
  }

  @Test
  void shouldRefuseNegativeNumbers() {
    assertThatThrownBy(() -> CpuThreads.use(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
