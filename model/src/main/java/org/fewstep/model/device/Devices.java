package org.fewstep.model.device;

import java.util.Optional;
import org.fewstep.config.UserException;

/** The devices that the library on the class path computes on. */
public final class Devices {
  private Devices() {}

  /**
   * A device by its number.
   *
   * @param index CUDA's number of a device; of processors, which are not told apart, that of one of
   *     several processes which share them
   * @throws UserException if there is no such device, or one that the library cannot use
   */
  public static Device of(int index) {
    return of(index, CudaRuntime.find());
  }

  /**
   * The one device of a process with so many trainers.
   *
   * @throws UserException if that is one that several trainers cannot share, or cannot be used
   */
  public static Device ofProcess(int trainers) {
    return ofProcess(trainers, CudaRuntime.find());
  }

  /**
   * @param cuda empty where the library computes on processors
   */
  static Device ofProcess(int trainers, Optional<? extends CudaApi> cuda) {
    if (cuda.isPresent() && trainers > 1) {
      throw new UserException(
          "a process computes on one CUDA device, so trainers must be 1, but is %d; ./fewstep seed leads a run for which ./fewstep worker --devices 0,1 starts a process on each device"
              .formatted(trainers));
    }
    return of(0, cuda);
  }

  /**
   * @param cuda empty where the library computes on processors
   */
  static Device of(int index, Optional<? extends CudaApi> cuda) {
    if (cuda.isEmpty()) {
      return new CpuDevice(index);
    }
    CudaApi api = cuda.get();
    int count = api.count();
    if (index >= count) {
      throw new UserException(
          "there is no CUDA device %d: this process sees %s"
              .formatted(
                  index,
                  switch (count) {
                    case 0 -> "none";
                    case 1 -> "device 0 alone";
                    default -> "devices 0 to " + (count - 1);
                  }));
    }
    api.capability(index)
        .refusal("CUDA device %d (%s)".formatted(index, api.name(index)))
        .ifPresent(
            sentence -> {
              throw new UserException(sentence);
            });
    return new CudaDevice(index, api);
  }

  /** Cores of processors, as many threads as {@link CpuThreads} says. */
  private record CpuDevice(int index) implements Device {
    /** Nothing: OpenMP's and OpenBLAS's threads belong to the process. */
    @Override
    public void bind() {}

    @Override
    public String toString() {
      return "cpu:" + index;
    }
  }

  private record CudaDevice(int index, CudaApi api) implements Device {
    @Override
    public void bind() {
      api.bind(index);
    }

    @Override
    public String toString() {
      return "cuda:" + index;
    }
  }
}
