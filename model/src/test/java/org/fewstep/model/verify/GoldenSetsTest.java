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

    assertThat(bySet).containsKeys("unet_small", "imm_loss", "metrics", "inception");
    assertThat(bySet.get("metrics").checks())
        .extracting(Check::name)
        .containsExactly("moments", "frechet", "kid", "precision_recall", "inception_score");
    assertThat(bySet.get("inception").checks())
        .extracting(Check::name)
        .containsExactly("block0_mean", "block1_mean", "block2_mean", "pool3");
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
