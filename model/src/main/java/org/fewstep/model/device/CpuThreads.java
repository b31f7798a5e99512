package org.fewstep.model.device;

import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.openblas.global.openblas;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * How many threads one computation may use: OpenMP's in ND4J and oneDNN, OpenBLAS's, and those of
 * the fused kernels. It holds for the whole process, and results may differ in their last bits with
 * it.
 *
 * <p>For threads to come, OpenMP reads its number from the environment when it is loaded and from
 * nowhere else later; so {@link #use} sets the process's own environment and must come before the
 * first use of ND4J. A later call reaches OpenMP in the calling thread alone.
 */
public final class CpuThreads {
  /** As many as anybody may ask for. */
  public static final int MOST = 1024;

  private static final String VARIABLE = "OMP_NUM_THREADS";
  private static final AtomicInteger CHOSEN = new AtomicInteger();

  private CpuThreads() {}

  /**
   * Chooses a number for this process, in place of one that was chosen before.
   *
   * @param threads 0 leaves it to the environment variable OMP_NUM_THREADS, or to the number of
   *     cores
   */
  public static void use(int threads) {
    if (threads < 0) {
      throw new IllegalArgumentException("a computation cannot use " + threads + " threads");
    }
    if (threads == 0) {
      if (CHOSEN.getAndSet(0) > 0) {
        tell(count());
      }
      return;
    }
    CHOSEN.set(threads);
    ProcessEnvironment.set(VARIABLE, Integer.toString(threads));
    // ND4J gives OpenBLAS all cores when it is loaded, and OpenMP in the thread that loads it; so
    // it
    // is loaded before that is corrected.
    Nd4j.getBackend();
    tell(threads);
  }

  private static void tell(int threads) {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
    openblas.blas_set_num_threads(threads);
  }

  /** The number in force. */
  public static int count() {
    int chosen = CHOSEN.get();
    return chosen > 0 ? chosen : fromEnvironment(System.getenv(VARIABLE));
  }

  private static int fromEnvironment(@Nullable String value) {
    if (value != null && value.matches("[1-9][0-9]{0,4}")) {
      return Integer.parseInt(value);
    }
    return Runtime.getRuntime().availableProcessors();
  }
}
