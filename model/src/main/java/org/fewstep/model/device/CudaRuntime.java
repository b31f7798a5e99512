package org.fewstep.model.device;

import java.util.Optional;
import org.bytedeco.cuda.cudart.cudaDeviceProp;
import org.bytedeco.cuda.global.cudart;
import org.fewstep.config.UserException;
import org.nd4j.linalg.factory.Nd4j;

/**
 * CUDA's own runtime, asked before ND4J is loaded: on a device that its library has no code for,
 * loading it would end in one of CUDA's error numbers.
 */
final class CudaRuntime implements CudaApi {
  /** What the build for CUDA has on its class path, and no other. */
  private static final String BACKEND = "org/nd4j/linalg/jcublas/JCublasBackend.class";

  private CudaRuntime() {}

  /** Empty in a build for processors. */
  static Optional<CudaApi> find() {
    return CudaRuntime.class.getClassLoader().getResource(BACKEND) == null
        ? Optional.empty()
        : Optional.of(new CudaRuntime());
  }

  @Override
  public int count() {
    int[] count = new int[1];
    try {
      check(cudart.cudaGetDeviceCount(count));
    } catch (UnsatisfiedLinkError e) {
      throw new UserException(
          "CUDA 11.6 cannot be loaded on this machine (%s): install it, or use the build for processors"
              .formatted(e.getMessage()),
          e);
    }
    return count[0];
  }

  @Override
  public String name(int index) {
    return properties(index).name().getString();
  }

  @Override
  public ComputeCapability capability(int index) {
    cudaDeviceProp properties = properties(index);
    return new ComputeCapability(properties.major(), properties.minor());
  }

  private static cudaDeviceProp properties(int index) {
    cudaDeviceProp properties = new cudaDeviceProp();
    check(cudart.cudaGetDeviceProperties(properties, index));
    return properties;
  }

  @Override
  public void bind(int index) {
    Nd4j.getAffinityManager().unsafeSetDevice(index);
  }

  private static void check(int error) {
    if (error != cudart.cudaSuccess) {
      throw new UserException(
          "CUDA answers: %s; see what nvidia-smi says of driver and devices"
              .formatted(cudart.cudaGetErrorString(error).getString()));
    }
  }
}
