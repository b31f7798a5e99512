package org.fewstep.model.device;

/** What is asked of CUDA. */
interface CudaApi {
  /** Number of devices that this process sees. */
  int count();

  String name(int index);

  ComputeCapability capability(int index);

  /** Binds the current thread to a device. */
  void bind(int index);
}
