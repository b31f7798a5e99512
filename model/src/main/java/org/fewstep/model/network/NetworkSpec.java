package org.fewstep.model.network;

import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.nd4j.linalg.api.buffer.DataType;

/** Architecture of a network: everything but the values of its parameters. */
public interface NetworkSpec {
  /** Images, input and output alike. */
  ImageShape shape();

  /** Number of classes it is conditioned on, 0 for none. */
  int classes();

  /** Length of the augmentation labels, 0 for none. */
  default int augmentDim() {
    return 0;
  }

  /** Whether it takes a second time. */
  boolean secondTime();

  /** Probability with which it drops elements in training, 0 for never. */
  default double dropout() {
    return 0;
  }

  /** Its tensors' names, shapes and places; takes no memory for their values. */
  ParameterTable parameters();

  /**
   * Counts what the calls of a network keep beside parameters and their gradients, in float32 and
   * with the fused kernels of the CPU; takes no memory for it.
   *
   * @param images in a call
   */
  void countMemory(StepMemory memory, int images);

  /** A network of a given data type and kind of kernels, its parameters not yet loaded. */
  Network create(DataType type, Kernels kernels);
}
