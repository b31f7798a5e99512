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

    assertThat(bySet)
        .containsKeys(
            "unet_small",
            "ncsnpp_small",
            "dit_small",
            "edm_small",
            "edm_ncsnpp_small",
            "edm_adm_small",
            "imm_loss",
            "metrics",
            "inception");
    assertThat(bySet.get("metrics").checks())
        .extracting(Check::name)
        .containsExactly("moments", "frechet", "kid", "precision_recall", "inception_score");
    assertThat(bySet.get("inception").checks())
        .extracting(Check::name)
        .containsExactly(
            "block0_mean[fused]",
            "block1_mean[fused]",
            "block2_mean[fused]",
            "pool3[fused]",
            "block0_mean[nd4j]",
            "block1_mean[nd4j]",
            "block2_mean[nd4j]",
            "pool3[nd4j]");
    assertThat(bySet.get("unet_small").checks())
        .filteredOn(check -> check.name().equals("pickle"))
        .extracting(Check::maxRelativeError)
        .containsExactly(0.0);
    assertThat(bySet.get("imm_loss").checks()).hasSize(15);
    for (Verification result : results) {
      if (result.set().endsWith("_small")) {
        assertThat(result.checks())
            .as(result.set())
            .extracting(Check::name)
            .filteredOn(check -> !check.equals("pickle"))
            .containsExactly(
                "forward[fused]",
                "gradients[fused]",
                "samplers[fused]",
                "forward[nd4j]",
                "gradients[nd4j]",
                "samplers[nd4j]");
      }
      for (Check check : result.checks()) {
        assertThat(check).matches(Check::ok, "is ok");
      }
    }
  }
}
