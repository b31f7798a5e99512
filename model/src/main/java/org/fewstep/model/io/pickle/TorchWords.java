package org.fewstep.model.io.pickle;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.fewstep.model.io.DType;

/** What PyTorch's tensors are pickled with. */
public final class TorchWords {
  private static final Map<String, DType> STORAGES =
      Map.of(
          "FloatStorage", DType.F32,
          "DoubleStorage", DType.F64,
          "HalfStorage", DType.F16,
          "BFloat16Storage", DType.BF16,
          "LongStorage", DType.I64,
          "IntStorage", DType.I32,
          "ShortStorage", DType.I16,
          "CharStorage", DType.I8,
          "ByteStorage", DType.U8,
          "BoolStorage", DType.BOOL);

  /** State dictionaries of tensors, and modules of TorchScript. */
  public static final Vocabulary VOCABULARY = vocabulary();

  private TorchWords() {}

  private static Vocabulary vocabulary() {
    Vocabulary.Builder words =
        Vocabulary.builder()
            .function("collections.OrderedDict", TorchWords::orderedDict)
            .function("torch.Size", arguments -> argument(arguments, 0))
            .function("torch._utils._rebuild_tensor", TorchWords::tensor)
            .function("torch._utils._rebuild_tensor_v2", TorchWords::tensor)
            .function("torch._utils._rebuild_parameter", arguments -> argument(arguments, 0))
            .function("torch.jit._pickle.build_intlist", arguments -> argument(arguments, 0))
            .function("torch.jit._pickle.build_doublelist", arguments -> argument(arguments, 0))
            .function("torch.jit._pickle.build_boollist", arguments -> argument(arguments, 0))
            .function("torch.jit._pickle.build_tensorlist", arguments -> argument(arguments, 0))
            .function("torch.jit._pickle.restore_type_tag", arguments -> argument(arguments, 0))
            .objects("__torch__.");
    STORAGES.forEach(
        (name, dtype) -> {
          words.function("torch." + name, new StorageType(dtype));
          words.function("torch.storage." + name, new StorageType(dtype));
        });
    return words.build();
  }

  /** A storage's class; storages themselves lie outside of the pickle. */
  private record StorageType(DType dtype) implements Vocabulary.Constructor {
    @Override
    public Object construct(List<Object> arguments) {
      throw new IllegalArgumentException("it holds a storage without its elements");
    }
  }

  /**
   * Reads ids of storages: ('storage', class, key, device, number of elements).
   *
   * @param register is told of each, and may replace it by the one of that key it knows already
   */
  static UnaryOperator<Object> storages(UnaryOperator<TorchTensor.Storage> register) {
    return id -> {
      if (!(id instanceof PyTuple tuple)
          || tuple.items().size() < 5
          || !"storage".equals(tuple.items().get(0))
          || !(tuple.items().get(1) instanceof Vocabulary.Global type)
          || !(type.constructor() instanceof StorageType storage)
          || !(tuple.items().get(2) instanceof String key)
          || !(tuple.items().get(4) instanceof Long count)
          || count < 0) {
        throw new IllegalArgumentException("it refers to something outside that is no storage");
      }
      if (tuple.items().size() > 5 && tuple.items().get(5) != PyNone.NONE) {
        throw new IllegalArgumentException("it holds a view of a storage, as very old files do");
      }
      return register.apply(new TorchTensor.Storage(key, storage.dtype(), count));
    };
  }

  private static Object tensor(List<Object> arguments) {
    if (!(argument(arguments, 0) instanceof TorchTensor.Storage storage)
        || !(argument(arguments, 1) instanceof Long offset)) {
      throw new IllegalArgumentException("a tensor has no storage");
    }
    return new TorchTensor(
        storage, offset, extents(argument(arguments, 2)), extents(argument(arguments, 3)));
  }

  private static long[] extents(Object tuple) {
    if (!(tuple instanceof PyTuple t)) {
      throw new IllegalArgumentException("a tensor's shape is no tuple");
    }
    long[] extents = new long[t.items().size()];
    for (int i = 0; i < extents.length; i++) {
      if (!(t.items().get(i) instanceof Long extent)) {
        throw new IllegalArgumentException("a tensor's shape holds what is no integer");
      }
      extents[i] = extent;
    }
    return extents;
  }

  /** Empty, or from a list of pairs. */
  private static Object orderedDict(List<Object> arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.isEmpty()) {
      return map;
    }
    if (!(arguments.get(0) instanceof List<?> pairs)) {
      throw new IllegalArgumentException("an OrderedDict is made from what is no list");
    }
    for (Object pair : pairs) {
      List<?> items =
          pair instanceof PyTuple t ? t.items() : pair instanceof List<?> l ? l : List.of();
      if (items.size() != 2 || !(items.get(0) instanceof String key)) {
        throw new IllegalArgumentException("an OrderedDict is made from what are no pairs");
      }
      map.put(key, items.get(1));
    }
    return map;
  }

  private static Object argument(List<Object> arguments, int index) {
    if (index >= arguments.size()) {
      throw new IllegalArgumentException("a call lacks arguments");
    }
    return arguments.get(index);
  }
}
