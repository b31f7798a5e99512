package org.fewstep.model.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.ModelSpec;
import org.fewstep.model.io.Safetensors;

/**
 * Compares everything in a folder of golden values with what this program computes.
 *
 * <p>A set is what shares a name before the first dot: {@code NAME.weights.safetensors} with {@code
 * NAME.io} and {@code NAME.samplers} is a network, whose architecture stands in the header of the
 * weights, and {@code NAME.pkl} is the same network as an official pickle; any other {@code
 * NAME.safetensors} is a set of its own, told apart by the tensors in it.
 */
public final class GoldenSets {
  private static final String SUFFIX = ".safetensors";

  private GoldenSets() {}

  /**
   * Verifies set after set, in the order of their names.
   *
   * @param report is given each result as it is known
   * @throws UserException if the folder holds no golden set, or a damaged one
   */
  public static List<Verification> verify(Path folder, Consumer<Verification> report) {
    if (!Files.isDirectory(folder)) {
      throw new UserException("there is no folder " + folder + " with golden values to verify");
    }
    TreeSet<String> names = names(folder);
    if (names.isEmpty()) {
      throw new UserException(
          "there are no golden values (*" + SUFFIX + ") in " + folder + " to verify");
    }
    List<Verification> all = new ArrayList<>();
    for (String name : names) {
      Verification verification = verifySet(folder, name);
      report.accept(verification);
      all.add(verification);
    }
    return all;
  }

  private static TreeSet<String> names(Path folder) {
    TreeSet<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(SUFFIX))
          .forEach(file -> names.add(file.substring(0, file.indexOf('.'))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  private static Verification verifySet(Path folder, String name) {
    Path weights = folder.resolve(name + ".weights" + SUFFIX);
    if (Files.exists(weights)) {
      return verifyNetwork(folder, name, weights);
    }
    Path single = folder.resolve(name + SUFFIX);
    if (!Files.exists(single)) {
      return new Verification(
          name, List.of(), "there is no " + name + ".weights" + SUFFIX + " beside its other files");
    }
    try (Safetensors file = Safetensors.open(single)) {
      if (file.metadata().containsKey("case0")) {
        return new Verification(name, ImmLossSet.verify(name, file), null);
      }
      if (file.names().contains("frechet") && file.names().contains("features_a")) {
        return new Verification(name, MetricsSet.verify(name, file), null);
      }
      if (file.metadata().containsKey(InceptionSet.TENSORS)) {
        return new Verification(name, InceptionSet.verify(name, file), null);
      }
      return new Verification(name, List.of(), "this kind of golden set is not built yet");
    }
  }

  private static Verification verifyNetwork(Path folder, String name, Path weights) {
    try (Safetensors file = Safetensors.open(weights)) {
      String config = file.metadata().get(ModelSpec.METADATA_KEY);
      if (config == null) {
        throw new UserException(
            weights + " has no 'config' in its header, so its architecture is unknown");
      }
      ModelSpec.Parsed parsed = ModelSpec.parse(config, weights.toString());
      if (parsed.spec() == null) {
        return new Verification(name, List.of(), parsed.notSupported());
      }
      NetworkSet set = new NetworkSet(folder, name, weights, file);
      List<Check> checks = new ArrayList<>(set.verify(parsed.spec()));
      Path pickle = folder.resolve(name + ".pkl");
      if (Files.exists(pickle)) {
        checks.add(PickleCheck.of(name, pickle, parsed.spec(), file));
      }
      return new Verification(name, checks, null);
    }
  }
}
