package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import java.util.List;
import org.fewstep.config.RunConfigLoader;
import org.junit.jupiter.api.Test;

class SettingChangesTest {
  private static Config tiny(String... overrides) {
    return RunConfigLoader.load("tiny", List.of(overrides)).resolved();
  }

  @Test
  void shouldNameEachSettingThatChangesWhatIsLearnt() {
    assertThat(
            SettingChanges.between(
                tiny("optimizer.lr=1e-3", "objective.group-size=4"),
                tiny("optimizer.lr=0.5", "objective.group-size=2")))
        .hasSize(2)
        .contains("objective.group-size 4 -> 2")
        .anyMatch(line -> line.matches("optimizer.lr \\S+ -> 0.5"));
  }

  @Test
  void shouldSayNothingOfWhatARunMayChangeOrWritesInAnotherWay() {
    assertThat(
            SettingChanges.between(
                tiny("optimizer.lr=1e-3"),
                RunConfigLoader.fromText(
                        RunConfigLoader.render(
                            tiny(
                                "optimizer.lr=0.0010",
                                "images=100000",
                                "trainers=2",
                                "threads=1",
                                "evaluation.seed=7",
                                "checkpoint.keep-last=9",
                                "log.tick-images=5")),
                        "text",
                        List.of())
                    .resolved()))
        .isEmpty();
  }
}
