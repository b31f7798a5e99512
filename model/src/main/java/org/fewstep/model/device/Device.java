package org.fewstep.model.device;

/** What a trainer owns for life: the cores of processors, or a CUDA device. */
public interface Device {
  /** Has the current thread, which belongs to the device, compute on it from now on. */
  void bind();

  /** {@code cpu:0} or {@code cuda:1}, for people. */
  @Override
  String toString();
}
