package org.fewstep.protocol.bulk;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.fewstep.protocol.TensorCodec;

/**
 * Some elements of a tensor on the way to a reader. It becomes bytes only where it is written to
 * the wire, straight from the tensor's array; there it is read as a {@link TensorChunk}.
 */
final class TensorSlice implements ReaderMessage {
  private final float[] tensor;
  private final int first;
  private final int count;
  private final TensorCodec codec;

  TensorSlice(float[] tensor, int first, int count, TensorCodec codec) {
    Objects.checkFromIndexSize(first, count, tensor.length);
    this.tensor = tensor;
    this.first = first;
    this.count = count;
    this.codec = codec;
  }

  /** Length of its form in bytes. */
  int bytes() {
    return ChunkHeader.BYTES + count * codec.bytesPerElement();
  }

  /** Writes header and elements at the buffer's position, which moves behind them. */
  void writeTo(ByteBuffer to) {
    ByteBuffer elements = ChunkHeader.afterHeader(to, bytes());
    codec.write(tensor, first, count, elements.duplicate().order(elements.order()));
    new ChunkHeader(codec, first, count).seal(to, elements);
  }

  /** The same as it arrives. */
  TensorChunk encoded() {
    ByteBuffer buffer = ByteBuffer.allocate(bytes());
    writeTo(buffer);
    return TensorChunk.readFrom(buffer.flip());
  }
}
