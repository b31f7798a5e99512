package org.fewstep.deploy.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.Statistics;
import org.fewstep.model.metrics.StatisticsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationToolsTest {
  private static final String DATA = "builtin:fashion-mnist-test-2k";

  @TempDir Path folder;

  @Test
  void shouldRefuseAnEvaluatorWhoseReferenceIsAnotherFileOfTheSameName() {
    Map<String, String> ofRun = checksums(1);
    Map<String, String> here = checksums(2);

    assertThat(ofRun)
        .containsOnlyKeys("evaluation.features", "evaluation.reference", "evaluation.held-out");
    EvaluationTools.checkSame(checksums(1), ofRun);
    assertThatThrownBy(() -> EvaluationTools.checkSame(here, ofRun))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("evaluation.reference")
        .hasMessageContaining(here.get("evaluation.reference").substring(0, 12))
        .hasMessageContaining(ofRun.get("evaluation.reference").substring(0, 12));
  }

  /** Of evaluations against statistics with some first mean. */
  private Map<String, String> checksums(double mean) {
    Path file = folder.resolve("reference.npz");
    double[] covariance = new double[128 * 128];
    for (int i = 0; i < 128; i++) {
      covariance[i * 129] = 1;
    }
    double[] means = new double[128];
    means[0] = mean;
    try (FeatureNetwork network = FeatureNetworks.open("fashion-cnn", new ImageShape(1, 28, 28))) {
      StatisticsFile.write(file, new Statistics(1000, means, covariance), network);
    }
    RunConfig config =
        RunConfigLoader.load(
                "tiny",
                List.of(
                    "data.path=" + DATA,
                    "evaluation.held-out=" + DATA,
                    "evaluation.reference=" + file))
            .config();
    try (EvaluationTools tools = EvaluationTools.open(config, Datasets.open(DATA))) {
      return EvaluationTools.checksums(config, tools.scoring());
    }
  }
}
