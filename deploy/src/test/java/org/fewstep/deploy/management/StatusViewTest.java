package org.fewstep.deploy.management;

import static org.assertj.core.api.Assertions.assertThat;

import org.fewstep.deploy.output.Json;
import org.junit.jupiter.api.Test;

class StatusViewTest {
  private static final String STATUS =
      """
      {"phase":"training","epoch":1,"images":15872,"total_images":40000,"version":496,
       "images_per_s":71.4,"loss":0.04321,"learning_rate":0.0015,
       "trainers":[
         {"trainer":"one-0","node":"10.0.0.17:37559","device":"cpu:0","staleness":0,"incarnation":1,
          "last_step_seconds_ago":0.2,"step_seconds":0.44,"steps":400,"refused":0,"images":6400},
         {"trainer":"two-0","node":"10.0.0.18:41433","device":"cpu:0","staleness":1,"incarnation":1,
          "last_step_seconds_ago":0.3,"step_seconds":0.45,"steps":380,"refused":2,"images":6080},
         {"trainer":"new-0","node":"10.0.0.19:39999","device":"cpu:0","staleness":0,"incarnation":1,
          "last_step_seconds_ago":3.1,"step_seconds":0.0,"steps":0,"refused":0,"images":0}],
       "schedule":{"version":2,"paused":false,"entries":1},
       "evaluators":["evaluator","two-0"],
       "evaluations":[{"entry":"often","track":"ema","images":15008,"version":469,"parts_done":1,
         "parts":2,"evaluators":["two-0"]}],
       "scores":[{"metric":"FD[fashion-cnn]","value":31.2468,"steps":4,"samples":100,"track":"ema",
         "images":14016,"sampler":"pushforward"}],
       "members":[
         {"node":"10.0.0.5:7625","roles":["core"],"status":"up","reachable":true},
         {"node":"10.0.0.17:37559","roles":["loader","trainer"],"status":"up","reachable":true},
         {"node":"10.0.0.18:41433","roles":["evaluator","loader","trainer"],"status":"up",
          "reachable":false}],
       "health":{"ready":true,"alive":true,"problems":[]}}
      """;

  @Test
  void shouldShowEverythingInColumnsOfOneNarrowScreen() {
    assertThat(StatusView.lines(Json.parse(STATUS).tree()))
        .containsExactly(
            """
              run         training, 15,872 of 40,000 images (39 %), version 496, epoch 1
              speed       71.4 images/s, loss 0.04321, learning rate 0.001500, 5m38s left
              evaluation  schedule version 2, 1 entry, evaluated by evaluator, two-0
              under way   often of ema at 15,008 images: 1 of 2 parts
              health      well

              node             status           roles
              10.0.0.5:7625    up               core
              10.0.0.17:37559  up               loader, trainer
              10.0.0.18:41433  does not answer  evaluator, loader, trainer

              trainer  node             device  staleness  last step  a step  images
              one-0    10.0.0.17:37559  cpu:0           0  0.2 s ago  0.44 s   6,400
              two-0    10.0.0.18:41433  cpu:0           1  0.3 s ago  0.45 s   6,080
              new-0    10.0.0.19:39999  cpu:0           0          -       -       0

              score            value  steps  images  track  sampler      samples
              FD[fashion-cnn]  31.25      4  14,016  ema    pushforward      100
            """
                .lines()
                .toArray(String[]::new));
  }

  @Test
  void shouldCountTrainersThatWorkAndAnswer() {
    assertThat(StatusView.trainersAtWork(Json.parse(STATUS).tree())).isEqualTo(1);
  }
}
