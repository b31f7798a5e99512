package org.fewstep.protocol.bulk;

import java.nio.ByteBuffer;
import java.util.Random;
import org.fewstep.protocol.TensorCodec;

/** Tensors and chunks for tests. */
final class Tensors {
  private Tensors() {}

  /** Any bits at all, NaN and infinities too. */
  static float[] ofLength(int elements) {
    Random random = new Random(elements);
    float[] tensor = new float[elements];
    for (int i = 0; i < elements; i++) {
      tensor[i] = Float.intBitsToFloat(random.nextInt());
    }
    return tensor;
  }

  static TensorChunk chunk(float[] tensor, int first, int count, TensorCodec codec) {
    return new TensorSlice(tensor, first, count, codec).encoded();
  }

  /** The same with one bit turned. */
  static TensorChunk damaged(TensorChunk chunk, int byteIndex) {
    ByteBuffer bytes = ByteBuffer.allocate(chunk.bytes());
    chunk.writeTo(bytes);
    bytes.put(byteIndex, (byte) (bytes.get(byteIndex) ^ 4));
    return TensorChunk.readFrom(bytes.flip());
  }

  /** Every bit, so that NaNs are told apart. */
  static int[] bits(float[] tensor) {
    int[] bits = new int[tensor.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(tensor[i]);
    }
    return bits;
  }
}
