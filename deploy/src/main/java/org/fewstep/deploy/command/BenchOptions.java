package org.fewstep.deploy.command;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.run.ModelFactory;
import org.fewstep.tests.bench.StepBench;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which networks are compared with libtorch, and how. */
final class BenchOptions {
  /**
   * A network that is compared when none is named.
   *
   * @param source preset that it is taken from
   * @param overrides what is different
   * @param batches images in a step
   * @param threads of each side, 0 for all cores
   */
  private record Known(
      String name, String source, List<String> overrides, List<Integer> batches, int threads) {}

  private static final List<Known> NETWORKS =
      List.of(
          new Known("quickstart", "quickstart", List.of(), List.of(16, 32), 1),
          new Known(
              "unet-64-128-128",
              "cifar10",
              List.of(
                  "network.channels=64",
                  "network.channel-mult=[1,2,2]",
                  "network.blocks=1",
                  "network.dropout=0",
                  "network.augment-dim=0",
                  "data.augment=0"),
              List.of(32),
              0),
          new Known("cifar10", "cifar10", List.of(), List.of(8), 0),
          new Known(
              "dit-384",
              "imagenet256",
              List.of("network.hidden-size=384", "network.depth=12", "network.heads=6"),
              List.of(16),
              0));

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "NETWORK",
      description =
          "whose network is timed: a preset, a FILE.conf, unet-64-128-128 or dit-384 (default:"
              + " quickstart, unet-64-128-128, cifar10 and dit-384, one after the other)")
  private @Nullable String source;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "key=value",
      description = "settings that override it, such as network.channels=64")
  private List<String> overrides = List.of();

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "N",
      description =
          "images in a step (default: 16 and 32 for quickstart, 32, 8 and 16 for the others; of"
              + " any other run its unit, then its batch)")
  private @Nullable List<Integer> batches;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "threads of each side, 0 for all cores (default: 1 for quickstart, all cores for the"
              + " others; of any other run its own)")
  private @Nullable Integer threads;

  @Option(
      names = "--rounds",
      defaultValue = "11",
      paramLabel = "N",
      description = "pairs of measurements (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(names = "--json", description = "print one JSON object per batch")
  private boolean json;

  /**
   * One comparison.
   *
   * @param name for people
   */
  record Case(String name, StepBench bench, int batch) {}

  boolean json() {
    return json;
  }

  int rounds() {
    return rounds;
  }

  /**
   * What to compare.
   *
   * @param notes is told what takes time
   */
  List<Case> cases(Consumer<String> notes) {
    checkAtLeast("--rounds", rounds, 1);
    if (batches != null) {
      batches.forEach(size -> checkAtLeast("--batch", size, 1));
    }
    if (threads != null) {
      checkAtLeast("--threads", threads, 0);
    }
    String wanted = source;
    if (wanted == null) {
      return NETWORKS.stream().flatMap(known -> cases(known, notes)).toList();
    }
    return NETWORKS.stream()
        .filter(known -> known.name.equals(wanted))
        .findFirst()
        .map(known -> cases(known, notes))
        .orElseGet(() -> cases(wanted, notes))
        .toList();
  }

  private Stream<Case> cases(Known known, Consumer<String> notes) {
    List<String> all = Stream.concat(known.overrides.stream(), overrides.stream()).toList();
    RunConfig config = RunConfigLoader.load(known.source, all).config();
    return cases(known.name, config, known.threads, known.batches, notes);
  }

  private Stream<Case> cases(String name, Consumer<String> notes) {
    RunConfig config = RunConfigLoader.load(name, overrides).config();
    List<Integer> sizes =
        Stream.of(config.exchange().unitImages(), config.batch()).distinct().toList();
    return cases(name, config, config.threads(), sizes, notes);
  }

  private Stream<Case> cases(
      String name, RunConfig config, int usual, List<Integer> sizes, Consumer<String> notes) {
    StepModelSpec spec =
        (Datasets.exists(config.data().path())
                ? Optional.<StepModelSpec>empty()
                : ModelFactory.expectedSpec(config))
            .orElseGet(() -> ModelFactory.spec(config, Datasets.open(config.data().path())));
    StepBench bench = new StepBench(spec, threads == null ? usual : threads, rounds, notes);
    return (batches == null ? sizes : batches).stream().map(size -> new Case(name, bench, size));
  }

  static void checkAtLeast(String option, int value, int least) {
    if (value < least) {
      throw new UserException("%s must be at least %d, but is %d".formatted(option, least, value));
    }
  }

  static String threads(int count) {
    return count == 1 ? "1 thread" : count + " threads";
  }
}
