package org.fewstep.protocol;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** How the elements of a tensor travel. Bytes are little-endian. */
public enum TensorCodec {
  /** IEEE 754 binary32: every bit arrives, also those of a NaN. */
  FLOAT32(Float.BYTES) {
    @Override
    public void write(float[] tensor, int first, int count, ByteBuffer to) {
      to.asFloatBuffer().put(tensor, first, count);
      to.position(to.position() + count * Float.BYTES);
    }

    @Override
    public void read(ByteBuffer from, float[] tensor, int first, int count) {
      from.asFloatBuffer().get(tensor, first, count);
      from.position(from.position() + count * Float.BYTES);
    }

    @Override
    public float[] seenByReaders(float[] tensor) {
      return tensor;
    }
  },

  /** The upper half of binary32, rounded to the nearest, ties to even: see {@link Bfloat16}. */
  BFLOAT16(Short.BYTES) {
    @Override
    public void write(float[] tensor, int first, int count, ByteBuffer to) {
      short[] block = new short[Math.min(BLOCK_ELEMENTS, count)];
      var target = to.asShortBuffer();
      for (int start = 0; start < count; start += block.length) {
        int length = Math.min(block.length, count - start);
        for (int i = 0; i < length; i++) {
          block[i] = Bfloat16.fromFloat(tensor[first + start + i]);
        }
        target.put(block, 0, length);
      }
      to.position(to.position() + count * Short.BYTES);
    }

    @Override
    public void read(ByteBuffer from, float[] tensor, int first, int count) {
      short[] block = new short[Math.min(BLOCK_ELEMENTS, count)];
      var source = from.asShortBuffer();
      for (int start = 0; start < count; start += block.length) {
        int length = Math.min(block.length, count - start);
        source.get(block, 0, length);
        for (int i = 0; i < length; i++) {
          tensor[first + start + i] = Bfloat16.toFloat(block[i]);
        }
      }
      from.position(from.position() + count * Short.BYTES);
    }

    @Override
    public float[] seenByReaders(float[] tensor) {
      float[] rounded = Arrays.copyOf(tensor, tensor.length);
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = Bfloat16.toFloat(Bfloat16.fromFloat(rounded[i]));
      }
      return rounded;
    }
  };

  /** Loops over arrays are compiled to far better code than loops over buffers. */
  private static final int BLOCK_ELEMENTS = 4096;

  private final int bytesPerElement;

  TensorCodec(int bytesPerElement) {
    this.bytesPerElement = bytesPerElement;
  }

  public int bytesPerElement() {
    return bytesPerElement;
  }

  /**
   * Encodes elements at the buffer's position, which moves behind them.
   *
   * @param to little-endian
   */
  public abstract void write(float[] tensor, int first, int count, ByteBuffer to);

  /**
   * Decodes elements from the buffer's position, which moves behind them.
   *
   * @param from little-endian
   */
  public abstract void read(ByteBuffer from, float[] tensor, int first, int count);

  /** The tensor after a journey: itself where nothing is lost, else a rounded copy. */
  public abstract float[] seenByReaders(float[] tensor);
}
