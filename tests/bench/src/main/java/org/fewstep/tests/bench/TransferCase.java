package org.fewstep.tests.bench;

import java.util.Locale;
import org.fewstep.protocol.TensorCodec;

/** What both ends of a transfer and the referee call things. */
public final class TransferCase {
  /** The file in which the sending process says how it is reached, a properties file. */
  public static final String FILE = "holder.properties";

  /** The task of dropping what was measured while everything warmed up. */
  public static final String FORGET = "forget";

  private static final int MULTIPLIER = 0x9E37_79B1;

  private TransferCase() {}

  /** The task of fetching the tensor in a codec, with small messages on the way meanwhile. */
  public static String ours(TensorCodec codec) {
    return codec.name().toLowerCase(Locale.ROOT);
  }

  /** The task of reading as many bytes from a bare socket. */
  public static String rawSocket(TensorCodec codec) {
    return "raw-" + ours(codec);
  }

  /** The measure of small messages during {@link #ours}. */
  public static String smallMessageP99Millis(TensorCodec codec) {
    return "small-message-p99-" + ours(codec);
  }

  /** Values of which each end makes its own copy: all finite, hardly two alike. */
  public static float[] tensor(int elements) {
    float[] tensor = new float[elements];
    for (int i = 0; i < elements; i++) {
      tensor[i] = i * MULTIPLIER * 0x1p-31f;
    }
    return tensor;
  }
}
