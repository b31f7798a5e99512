package org.fewstep.model.checkpoint.imported;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.network.ParameterTable;
import org.jspecify.annotations.Nullable;

/**
 * Which of a file's tensors are a network's: those whose names are the official ones after one
 * prefix, such as {@code model.}, {@code module.model.} or {@code ema.model.}.
 *
 * @param prefix what the names begin with
 * @param leftOut number of tensors with other beginnings
 */
record TensorMatch(String prefix, int leftOut) {
  private static final int MAX_LISTED = 20;

  /** The time to find a prefix grows with the square of a name's dots. */
  private static final int MAX_NAME = 500;

  /** Filters of up and down blocks, which the architecture determines. */
  private static final String DERIVED = ".resample_filter";

  /**
   * Finds them.
   *
   * @param wanted prefix; null for the one that fits best, averaged weights before others
   * @throws UserException listing the tensors that are missing, surplus or misshapen, or the
   *     prefixes of several sets that fit alike; or if a name is longer than names of tensors are
   */
  static TensorMatch of(
      Path file, NamedTensors tensors, ParameterTable table, @Nullable String wanted) {
    tensors.names().forEach(name -> checkLength(file, name));
    String prefix = wanted != null ? wanted : prefix(file, tensors, table);
    List<String> missing = new ArrayList<>();
    List<String> misshapen = new ArrayList<>();
    for (ParameterTable.Entry entry : table.entries()) {
      String name = prefix + entry.name();
      if (!tensors.names().contains(name)) {
        missing.add(name);
      } else if (!Arrays.equals(tensors.shape(name), entry.shape())) {
        misshapen.add(
            "%s %s instead of %s"
                .formatted(
                    name, Arrays.toString(tensors.shape(name)), Arrays.toString(entry.shape())));
      }
    }
    List<String> surplus = new ArrayList<>();
    int leftOut = 0;
    for (String name : tensors.names()) {
      if (!name.startsWith(prefix)) {
        leftOut++;
      } else if (!table.contains(name.substring(prefix.length())) && !name.endsWith(DERIVED)) {
        surplus.add(name);
      }
    }
    if (!missing.isEmpty() || !misshapen.isEmpty() || !surplus.isEmpty()) {
      throw new UserException(
          "the tensors of %s are not those of its network: %s"
              .formatted(
                  file,
                  Stream.of(
                          listed("missing", missing),
                          listed("misshapen", misshapen),
                          listed("surplus", surplus))
                      .filter(list -> !list.isEmpty())
                      .collect(Collectors.joining("; "))));
    }
    return new TensorMatch(prefix, leftOut);
  }

  private static void checkLength(Path file, String name) {
    if (name.length() > MAX_NAME) {
      throw new UserException(
          "%s holds a tensor whose name has %d characters, but at most %d are read"
              .formatted(file, name.length(), MAX_NAME));
    }
  }

  private static String listed(String what, List<String> names) {
    if (names.isEmpty()) {
      return "";
    }
    String more =
        names.size() > MAX_LISTED ? " and %d more".formatted(names.size() - MAX_LISTED) : "";
    return names.stream()
        .limit(MAX_LISTED)
        .map(name -> name.replaceAll("\\p{Cntrl}", "?"))
        .collect(Collectors.joining(", ", what + " ", more));
  }

  private static String prefix(Path file, NamedTensors tensors, ParameterTable table) {
    Map<String, Integer> counts = new HashMap<>();
    for (String name : tensors.names()) {
      for (int start = 0; start >= 0; start = next(name, start)) {
        if (table.contains(name.substring(start))) {
          counts.merge(name.substring(0, start), 1, Integer::sum);
        }
      }
    }
    int most = counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    if (most == 0) {
      throw new UserException(
          "%s has none of the %d tensors of its network, such as %s"
              .formatted(file, table.entries().size(), table.entries().get(0).name()));
    }
    List<String> best =
        counts.keySet().stream().filter(p -> counts.getOrDefault(p, 0) == most).sorted().toList();
    List<String> averaged =
        best.stream().filter(p -> p.toLowerCase(Locale.ROOT).contains("ema")).toList();
    if (best.size() == 1 || averaged.size() == 1) {
      return best.size() == 1 ? best.get(0) : averaged.get(0);
    }
    throw new UserException(
        "%s holds several sets of weights; name one by --prefix: %s"
            .formatted(
                file, best.stream().map(p -> "'" + p + "'").collect(Collectors.joining(", "))));
  }

  /** The position behind the next dot, -1 if there is none. */
  private static int next(String name, int start) {
    int dot = name.indexOf('.', start);
    return dot < 0 ? -1 : dot + 1;
  }
}
