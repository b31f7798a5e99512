package org.fewstep.model.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class GoldenSetsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");

  @Test
  void shouldComputeTheOfficialFunctions() {
    List<Verification> results = GoldenSets.verify(GOLDEN, v -> {});
    Map<String, Verification> bySet =
        results.stream().collect(Collectors.toMap(Verification::set, Function.identity()));

    assertThat(bySet).containsKeys("unet_small", "imm_loss", "metrics");
    assertThat(bySet.get("imm_loss").checks()).hasSize(15);
    assertThat(bySet.get("unet_small").checks())
        .extracting(Check::name)
        .contains("forward[fused]", "gradients[fused]", "samplers[fused]", "gradients[nd4j]");
    for (Verification result : results) {
      for (Check check : result.checks()) {
        assertThat(check).matches(Check::ok, "is ok");
      }
    }
  }
}
