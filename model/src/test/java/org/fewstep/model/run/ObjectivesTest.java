package org.fewstep.model.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.objective.MicroBatches;
import org.fewstep.model.objective.Objective;
import org.junit.jupiter.api.Test;

class ObjectivesTest {
  @Test
  void shouldComputeAUnitInPassesWhereSettingsSaySo() {
    assertThat(objective("micro-batch=4")).isInstanceOf(MicroBatches.class);
    assertThat(objective("seed=1")).isNotInstanceOf(MicroBatches.class);
  }

  private static Objective objective(String setting) {
    RunConfig config = RunConfigLoader.load("tiny", List.of(setting)).config();
    StepModelSpec spec = ModelFactory.spec(config, Datasets.open(config.data().path()));
    try (StepModel model = spec.create()) {
      return Objectives.of(config, spec, model);
    }
  }
}
