package org.fewstep.model.network.op;

import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** Who computes what has a hand-fused form. */
public enum Kernels {
  /** Java loops over native memory, float32 on the CPU. */
  FUSED,
  /** Operations of ND4J alone: any data type and backend; the only ones on CUDA. */
  ND4J;

  /** The faster ones that can serve this data type on the backend in use. */
  public static Kernels fastest(DataType type) {
    boolean cpu = Nd4j.getBackend().getClass().getSimpleName().startsWith("Cpu");
    return type == DataType.FLOAT && cpu ? FUSED : ND4J;
  }
}
