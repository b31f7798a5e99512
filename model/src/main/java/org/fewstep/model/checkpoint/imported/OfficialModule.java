package org.fewstep.model.checkpoint.imported;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fewstep.config.UserException;
import org.fewstep.model.io.pickle.PyArray;
import org.fewstep.model.io.pickle.PyObject;
import org.fewstep.model.io.pickle.PyTuple;
import org.fewstep.model.io.pickle.TorchTensor;
import org.jspecify.annotations.Nullable;

/**
 * A network as the official code of IMM and EDM pickles it: a module (the preconditioning) that
 * holds the network as {@code model}, both with the arguments they were made from.
 */
final class OfficialModule {
  /** Where snapshots and training states hold it; averaged weights come first. */
  private static final List<String> PLACES = List.of("ema", "net", "model");

  /** What a preconditioning was made with, also where it was left at its default. */
  private static final List<String> ATTRIBUTES =
      List.of(
          "img_resolution",
          "img_channels",
          "label_dim",
          "noise_schedule",
          "T",
          "eps",
          "sigma_data",
          "f_type",
          "temb_type",
          "time_scale");

  private static final String ARGUMENTS = "_init_args";
  private static final String KEYWORDS = "_init_kwargs";
  private static final String MODULES = "_modules";
  private static final String NETWORK = "model";
  private static final String MODEL_TYPE = "model_type";
  private static final int MAX_VISITS = 100_000;
  private static final int MAX_NAME = 500;
  private static final int MAX_LIST = 64;
  private static final int MAX_SETTINGS = 1000;

  private final Path file;
  private final PyObject preconditioning;
  private final PyObject network;

  private record Place(PyObject module, String prefix) {}

  private OfficialModule(Path file, PyObject preconditioning, PyObject network) {
    this.file = file;
    this.preconditioning = preconditioning;
    this.network = network;
  }

  /**
   * Looks for the module in what a file holds.
   *
   * @return nothing if it holds no module
   * @throws UserException if it holds one without what every official network has
   */
  static Optional<OfficialModule> find(Path file, Object root) {
    @Nullable PyObject module = module(root);
    if (root instanceof Map<?, ?> map) {
      for (String place : PLACES) {
        module = module != null ? module : module(map.get(place));
      }
    }
    if (module == null) {
      return Optional.empty();
    }
    PyObject network = module(group(module, MODULES).get(NETWORK));
    if (network == null) {
      throw new UserException(
          "%s holds a module %s without a network '%s' inside; official weights of IMM and EDM have it"
              .formatted(file, module.className(), NETWORK));
    }
    return Optional.of(new OfficialModule(file, module, network));
  }

  private static @Nullable PyObject module(@Nullable Object value) {
    return value instanceof PyObject object
            && object.state() instanceof Map<?, ?> state
            && state.get(MODULES) instanceof Map<?, ?>
        ? object
        : null;
  }

  /** A group of a module's state; empty if there is none. */
  private static Map<?, ?> group(PyObject module, String key) {
    return module.state() instanceof Map<?, ?> state && state.get(key) instanceof Map<?, ?> group
        ? group
        : Map.of();
  }

  /** The official configuration: all that both were made from. */
  ObjectNode config() {
    ObjectNode config = new ObjectMapper().createObjectNode();
    addKeywords(network, config);
    if (preconditioning.state() instanceof Map<?, ?> state) {
      for (String attribute : ATTRIBUTES) {
        add(attribute, state.get(attribute), config);
      }
    }
    addKeywords(preconditioning, config);
    config.put("precond", preconditioning.className());
    if (!config.hasNonNull(MODEL_TYPE)) {
      config.put(MODEL_TYPE, network.className());
    }
    return config;
  }

  private void addKeywords(PyObject module, ObjectNode config) {
    if (module.state() instanceof Map<?, ?> state
        && state.get(ARGUMENTS) instanceof PyTuple arguments
        && !arguments.items().isEmpty()) {
      throw new UserException(
          "%s holds a %s that was made from arguments without names, so its architecture is unknown"
              .formatted(file, module.className()));
    }
    Map<?, ?> keywords = group(module, KEYWORDS);
    if (keywords.size() > MAX_SETTINGS) {
      throw new UserException(
          "%s holds a %s that was made from %d arguments"
              .formatted(file, module.className(), keywords.size()));
    }
    keywords.forEach((key, value) -> add(key instanceof String name ? name : "", value, config));
  }

  private static void add(String key, @Nullable Object value, ObjectNode config) {
    JsonNode node = json(value);
    if (node != null && !key.isEmpty()) {
      config.set(key, node);
    }
  }

  /** Numbers, short texts and short lists of them; null for anything else. */
  private static @Nullable JsonNode json(@Nullable Object value) {
    JsonNode scalar = scalar(value);
    if (scalar != null) {
      return scalar;
    }
    List<?> items =
        value instanceof PyTuple tuple
            ? tuple.items()
            : value instanceof List<?> list
                ? list
                : value instanceof PyObject object
                        && object.state() instanceof Map<?, ?> state
                        && state.get("_content") instanceof List<?> content
                    ? content
                    : null;
    if (items == null || items.size() > MAX_LIST) {
      return null;
    }
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (Object item : items) {
      JsonNode node = scalar(item);
      if (node == null) {
        return null;
      }
      array.add(node);
    }
    return array;
  }

  private static @Nullable JsonNode scalar(@Nullable Object value) {
    JsonNodeFactory nodes = JsonNodeFactory.instance;
    if (value instanceof String text && text.length() <= MAX_NAME) {
      return nodes.textNode(text);
    }
    if (value instanceof Boolean truth) {
      return nodes.booleanNode(truth);
    }
    if (value instanceof Long number) {
      return nodes.numberNode(number);
    }
    if (value instanceof Double number && Double.isFinite(number)) {
      return nodes.numberNode(number);
    }
    if (value instanceof PyArray array && array.shape().length == 0) {
      double[] number = array.doubles();
      return number.length == 1 && Double.isFinite(number[0]) ? nodes.numberNode(number[0]) : null;
    }
    // omegaconf's nodes hold their value so.
    if (value instanceof PyObject object
        && object.state() instanceof Map<?, ?> state
        && state.containsKey("_val")
        && !(state.get("_val") instanceof PyObject)) {
      return scalar(state.get("_val"));
    }
    return null;
  }

  /**
   * Parameters and buffers under their official names, {@code model.enc...}.
   *
   * @throws UserException if modules are nested beyond reason, or hold too many
   */
  Map<String, TorchTensor> tensors() {
    Map<String, TorchTensor> tensors = new LinkedHashMap<>();
    Deque<Place> open = new ArrayDeque<>(List.of(new Place(preconditioning, "")));
    int visits = 0;
    while (!open.isEmpty()) {
      Place place = open.pop();
      for (String kind : List.of("_parameters", "_buffers", MODULES)) {
        for (Map.Entry<?, ?> entry : group(place.module(), kind).entrySet()) {
          String name = place.prefix() + entry.getKey();
          // Modules may share what they hold, so that a small file has many names for it.
          if (++visits > MAX_VISITS || name.length() > MAX_NAME) {
            throw new UserException("%s holds modules nested beyond reason".formatted(file));
          }
          PyObject child = module(entry.getValue());
          if (kind.equals(MODULES) && child != null) {
            open.push(new Place(child, name + "."));
          } else if (!kind.equals(MODULES) && entry.getValue() instanceof TorchTensor tensor) {
            tensors.put(name, tensor);
          }
        }
      }
    }
    return tensors;
  }
}
