package org.fewstep.model.io.pickle;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Storages by key: one key means one storage. */
final class Storages {
  private final Map<String, TorchTensor.Storage> byKey = new HashMap<>();

  TorchTensor.Storage register(TorchTensor.Storage storage) {
    TorchTensor.Storage known = byKey.putIfAbsent(storage.key(), storage);
    if (known != null && !known.equals(storage)) {
      throw new IllegalArgumentException("it describes one storage in two ways");
    }
    return known == null ? storage : known;
  }

  TorchTensor.@Nullable Storage find(String key) {
    return byKey.get(key);
  }
}
