package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.FeatureOutput;
import org.fewstep.model.metrics.PartialEvaluation;
import org.fewstep.model.metrics.References;
import org.fewstep.model.metrics.Statistics;
import org.fewstep.model.metrics.StatisticsFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Computes the statistics that scores compare with. */
@Command(
    name = "reference",
    description = "Computes the statistics of a data set's features, for 'evaluate --reference'.")
public final class FeaturesReferenceCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DATA",
      description = "real images: a folder of IDX files, a .zip, builtin:NAME")
  private String data = "";

  @Option(
      names = "--features",
      defaultValue = FeatureNetworks.FASHION_CNN,
      paramLabel = "NAME-or-FILE",
      description = "feature network, as for evaluate (default: ${DEFAULT-VALUE})")
  private String features = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "STATS.npz",
      description = "statistics to write")
  private Path out = Path.of("");

  @Option(names = "--force", description = "replace --out if it exists")
  private boolean force;

  @Mixin private ResumeOptions resume = new ResumeOptions();

  @Option(names = "--json", description = "print a JSON object")
  private boolean json;

  @Override
  public Integer call() {
    if (!out.toString().toLowerCase(Locale.ROOT).endsWith(".npz")) {
      throw new UserException("--out must be a file STATS.npz, but is '%s'".formatted(out));
    }
    Console console = Console.system(json);
    OutputFiles.check(out, "--out", ".npz");
    OutputFiles.checkNew(out, force);
    resume.check();
    ImageShape shape = Datasets.open(data).shape();
    try (FeatureNetwork network = FeatureNetworks.open(features, shape)) {
      if (!network.description().isEmpty()) {
        console.note(network.description());
      }
      EnumSet<FeatureOutput> outputs = EnumSet.of(FeatureOutput.POOLED);
      if (network.outputs().contains(FeatureOutput.SPATIAL)) {
        outputs.add(FeatureOutput.SPATIAL);
      }
      Map<FeatureOutput, Statistics> all = statistics(network, outputs, console);
      Statistics statistics = Objects.requireNonNull(all.get(FeatureOutput.POOLED));
      if (statistics.isRankDeficient()) {
        console.note(
            "%d images are too few for a covariance of %d features: scores against it are too large"
                .formatted(statistics.count(), statistics.dimensions()));
      }
      console.human(
          "%s: %s features of %s images"
              .formatted(
                  out,
                  Numbers.grouped(statistics.dimensions()),
                  Numbers.grouped(statistics.count())));
      console.json(
          Json.object()
              .put("file", out.toString())
              .put("features", network.name())
              .put("dimensions", statistics.dimensions())
              .put("samples", statistics.count()));
    }
    return ExitCode.DONE;
  }

  /** Computes and writes them. */
  private Map<FeatureOutput, Statistics> statistics(
      FeatureNetwork network, Set<FeatureOutput> outputs, Console console) {
    Path folder = Objects.requireNonNull(out.toAbsolutePath().normalize().getParent());
    try (PartialEvaluation partial = resume.saved(folder, console)) {
      partial.dependsOn(() -> network.name() + "\n" + FeatureNetworks.checksum(features));
      return ResumeOptions.interruptible(
          partial,
          console,
          () -> {
            Map<FeatureOutput, Statistics> all =
                References.open(data, network, outputs, false, partial).statistics();
            StatisticsFile.write(out, all, network);
            partial.finish();
            return all;
          });
    }
  }
}
