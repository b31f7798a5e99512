package org.fewstep.model.io.pickle;

import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fewstep.config.UserException;

/**
 * What whole modules are pickled with, those of the official code of IMM and EDM among them
 * (StyleGAN's {@code torch_utils.persistence}): a persistent object is the name of its class, the
 * Python source of the module that defines it, and its state. The source is never looked at; all
 * that becomes of an object is a {@link PyObject}, a name with a state.
 */
final class ModuleWords {
  /** Pickles inside of a storage describe nothing but that storage. */
  private static final int STORAGE_PROGRAM_BYTES = 4096;

  private static final String CLASS_NAME = "[A-Za-z_][A-Za-z_0-9]{0,63}";
  private static final List<String> ELEMENT_TYPES =
      List.of("float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool");

  private ModuleWords() {}

  /**
   * A vocabulary for one file.
   *
   * @param where names the file in messages
   */
  static Vocabulary vocabulary(String where) {
    Vocabulary.Builder words =
        Vocabulary.builder()
            .with(TorchWords.VOCABULARY)
            .with(NumpyWords.VOCABULARY)
            .function(
                "torch_utils.persistence._reconstruct_persistent_obj", ModuleWords::persistent)
            .function("torch.storage._load_from_bytes", new EmbeddedStorages(where))
            .function("torch._utils._rebuild_parameter_with_state", ModuleWords::first)
            .function("torch.device", arguments -> new PyObject("torch.device", arguments))
            .function("dnnlib.util.EasyDict", arguments -> new LinkedHashMap<>())
            .function("builtins.getattr", ModuleWords::boundMethod)
            .function("builtins.set", ModuleWords::set)
            .objects("torch.nn.modules.")
            .objects("timm.layers.")
            .objects("timm.models.")
            // A configuration's lists and groups, with the types that they may hold.
            .objects("omegaconf.")
            .name("typing.Any");
    ELEMENT_TYPES.forEach(type -> words.name("torch." + type));
    List.of("int", "float", "str", "bool", "list", "dict")
        .forEach(type -> words.name("builtins." + type));
    return words.build();
  }

  /** {type: 'class', version, module_src, class_name, state}. */
  private static Object persistent(List<Object> arguments) {
    if (arguments.size() != 1 || !(arguments.get(0) instanceof Map<?, ?> meta)) {
      throw new IllegalArgumentException("a persistent object has no description");
    }
    if (!"class".equals(meta.get("type"))) {
      throw new IllegalArgumentException("a persistent object is of no class");
    }
    if (!(meta.get("class_name") instanceof String name) || !name.matches(CLASS_NAME)) {
      throw new IllegalArgumentException("a persistent object's class has no usable name");
    }
    if (!(meta.get("state") instanceof Map<?, ?> state)) {
      throw new IllegalArgumentException("a persistent %s has no state".formatted(name));
    }
    PyObject object = new PyObject(name, List.of());
    object.setState(state);
    return object;
  }

  /** A method of an object that is only looked at; it stands for itself and cannot be called. */
  private static Object boundMethod(List<Object> arguments) {
    if (arguments.size() == 2
        && arguments.get(0) instanceof PyObject
        && arguments.get(1) instanceof String) {
      return new PyObject("builtins.getattr", arguments);
    }
    throw new IllegalArgumentException("it asks for builtins.getattr of what is no module");
  }

  private static Object set(List<Object> arguments) {
    Set<Object> set = new LinkedHashSet<>();
    if (!arguments.isEmpty()) {
      if (!(arguments.get(0) instanceof List<?> items)) {
        throw new IllegalArgumentException("a set is made from what is no list");
      }
      items.forEach(item -> set.add(PickleReader.key(item)));
    }
    return set;
  }

  private static Object first(List<Object> arguments) {
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("a call lacks arguments");
    }
    return arguments.get(0);
  }

  /**
   * Storages that lie inside of the pickle, each read once however often the pickle asks for it, so
   * that a small file cannot ask for much work.
   */
  private static final class EmbeddedStorages implements Vocabulary.Constructor {
    private final String where;
    private final Map<ByteBuffer, TorchTensor.Storage> known = new IdentityHashMap<>();

    EmbeddedStorages(String where) {
      this.where = where + " (a storage inside)";
    }

    @Override
    public Object construct(List<Object> arguments) {
      if (arguments.size() != 1 || !(arguments.get(0) instanceof ByteBuffer bytes)) {
        throw new IllegalArgumentException("it loads a storage from what are no bytes");
      }
      return known.computeIfAbsent(bytes, this::read);
    }

    private TorchTensor.Storage read(ByteBuffer bytes) {
      LegacyStream stream =
          LegacyStream.read(bytes.duplicate(), where, TorchWords.VOCABULARY, STORAGE_PROGRAM_BYTES);
      if (!(stream.root() instanceof TorchTensor.Storage storage)
          || !stream.content().containsKey(storage.key())) {
        throw new UserException("%s holds no storage".formatted(where));
      }
      return storage.with(stream.content().get(storage.key()));
    }
  }
}
