package org.fewstep.model.io.pickle;

import java.nio.ByteBuffer;

/** Where a file's storages have their elements. */
interface StorageBytes {
  /** So many bytes of a storage from {@code offset} on, little-endian. */
  ByteBuffer read(TorchTensor.Storage storage, long offset, int length);
}
