package org.fewstep.actors.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.fewstep.actors.coordinator.RunIdentity;
import org.fewstep.actors.coordinator.RunPlan;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.junit.jupiter.api.Test;

class RunSettingsTest {

  @Test
  void shouldCutTheRunAsTheUsersSettingsSay() {
    RunConfig config =
        RunConfigLoader.load(
                "quickstart",
                List.of(
                    "batch=64",
                    "exchange.unit-images=16",
                    "objective.group-size=4",
                    "images=6400",
                    "optimizer.warmup-images=0",
                    "optimizer.decay-images=0",
                    "trainers=3",
                    "log.tick-images=640",
                    "checkpoint.every-images=1280",
                    "evaluation.at-images=[640]"))
            .config();

    RunSettings settings = RunSettings.of(config, new RunIdentity("model", "data"));

    assertThat(settings.plan()).isEqualTo(new RunPlan(64, 16, 6400, 1280, false, 640));
    assertThat(settings.plan().unitsPerUpdate()).isEqualTo(4);
    assertThat(settings.trainers()).isEqualTo(3);
    assertThat(settings.schedule().version()).isEqualTo(1);
    assertThat(settings.schedule().entries())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.atImages()).containsExactly(640L);
              assertThat(entry.atEnd()).isTrue();
              assertThat(entry.steps()).isEqualTo(config.evaluation().steps());
              assertThat(entry.tracks()).containsExactly(config.evaluation().track());
            });
    assertThat(settings.limits().objection(settings.schedule())).isEmpty();
    assertThat(settings.trainerRestarts()).isEqualTo(3);
  }

  @Test
  void shouldRefuseAPlanWhenItsUnitsDoNotMakeABatch() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new RunPlan(64, 24, 6400, 0, false, 1))
        .withMessageContaining("64 images per update do not consist of units of 24");
  }
}
