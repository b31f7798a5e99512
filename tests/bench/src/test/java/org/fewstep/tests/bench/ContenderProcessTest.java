package org.fewstep.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContenderProcessTest {
  @TempDir Path folder;

  /** Sleeps, which takes the time that it should; says what it was started with. */
  static final class Sleeper {
    public static void main(String[] arguments) throws IOException {
      System.out.println("fact threads " + System.getenv("OMP_NUM_THREADS"));
      ContenderLoop.serve(
          new Contender() {
            @Override
            public Map<String, Runnable> tasks() {
              return Map.of("sleep", Sleeper::sleep);
            }

            @Override
            public Map<String, Double> facts() {
              return Map.of("answer", Double.valueOf(arguments[0]));
            }
          });
    }

    private static void sleep() {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void shouldTimeTasksAndTellFacts() {
    try (ContenderProcess process = start("42")) {
      assertThat(process.fact("answer")).isEqualTo(42);
      assertThat(process.fact("threads")).isEqualTo(3);
      assertThat(process.millis("sleep", 4)).isGreaterThanOrEqualTo(5);
      assertThat(process.peakMib()).isPositive();
      assertThatThrownBy(() -> process.fact("nothing")).hasMessageContaining("nothing");
    }
  }

  @Test
  void shouldTellTheLastWordsWhenTheProcessEnds() {
    assertThatThrownBy(() -> start("no number"))
        .hasMessageContaining("Sleeper")
        .hasMessageContaining("NumberFormatException");
  }

  @Test
  void shouldTellTheLastWordsOfAHelperThatFails() {
    String classPath = System.getProperty("java.class.path");

    assertThatThrownBy(
            () -> ContenderProcess.run(Sleeper.class, classPath, 1, folder, List.of("no number")))
        .hasMessageContaining("Sleeper")
        .hasMessageContaining("NumberFormatException");
  }

  @Test
  void shouldGiveBothSidesTheSameEnvironment() {
    Map<String, String> environment =
        new HashMap<>(
            Map.of("OPENBLAS_CORETYPE", "Haswell", "OPENBLAS_L2_SIZE", "1", "PATH", "/bin"));

    ContenderProcess.setEnvironment(environment, 2);

    assertThat(environment)
        .isEqualTo(
            Map.of(
                "OMP_WAIT_POLICY", "PASSIVE",
                "OMP_NUM_THREADS", "2",
                "OPENBLAS_NUM_THREADS", "2",
                "PATH", "/bin"));
  }

  private ContenderProcess start(String argument) {
    return ContenderProcess.start(
        Sleeper.class,
        System.getProperty("java.class.path"),
        3,
        folder,
        List.of(argument),
        Map.of());
  }
}
