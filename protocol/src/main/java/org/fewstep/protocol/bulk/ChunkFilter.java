package org.fewstep.protocol.bulk;

import java.util.function.Consumer;

/** Stands between the wire and a reader, so that tests can lose, repeat and damage chunks. */
@FunctionalInterface
interface ChunkFilter {
  ChunkFilter NONE = (chunk, onward) -> onward.accept(chunk);

  void pass(TensorChunk chunk, Consumer<TensorChunk> onward);
}
