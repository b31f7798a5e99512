package org.fewstep.model.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DevicesTest {
  @ParameterizedTest
  @CsvSource({"3, 7", "5, 0", "7, 5", "8, 0", "8, 6", "8, 9"})
  void shouldTakeWhatTheLibraryHasCodeFor(int major, int minor) {
    FakeCuda cuda = new FakeCuda(new ComputeCapability(major, minor));

    assertThat(Devices.of(0, Optional.of(cuda))).hasToString("cuda:0");
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "3, 5", "9, 0", "10, 0", "12, 1"})
  void shouldRefuseOtherComputeCapabilitiesByNameAndNumber(int major, int minor) {
    FakeCuda cuda = new FakeCuda(new ComputeCapability(8, 6), new ComputeCapability(major, minor));

    assertThatThrownBy(() -> Devices.of(1, Optional.of(cuda)))
        .isInstanceOf(UserException.class)
        .hasMessage(
            "CUDA device 1 (Fake 1) has compute capability %d.%d, but ND4J's CUDA library runs on 3.7 to 8.9 only: choose another device, or the build for processors"
                .formatted(major, minor));
  }

  @Test
  void shouldRefuseDevicesThatAreNotThere() {
    FakeCuda none = new FakeCuda();
    FakeCuda one = new FakeCuda(ComputeCapability.LOWEST);
    FakeCuda two = new FakeCuda(ComputeCapability.LOWEST, ComputeCapability.LOWEST);

    assertThatThrownBy(() -> Devices.of(0, Optional.of(none)))
        .hasMessage("there is no CUDA device 0: this process sees none");
    assertThatThrownBy(() -> Devices.of(1, Optional.of(one)))
        .hasMessage("there is no CUDA device 1: this process sees device 0 alone");
    assertThatThrownBy(() -> Devices.of(7, Optional.of(two)))
        .hasMessage("there is no CUDA device 7: this process sees devices 0 to 1");
  }

  @Test
  void shouldBindThreadsToItsOwnDevice() {
    FakeCuda cuda = new FakeCuda(ComputeCapability.LOWEST, ComputeCapability.HIGHEST);

    Devices.of(1, Optional.of(cuda)).bind();

    assertThat(cuda.bound).containsExactly(1);
  }

  @Test
  void shouldGiveACudaDeviceToOneTrainerOnly() {
    Optional<CudaApi> cuda = Optional.of(new FakeCuda(ComputeCapability.HIGHEST));

    assertThat(Devices.ofProcess(1, cuda)).isEqualTo(Devices.of(0, cuda));
    assertThatThrownBy(() -> Devices.ofProcess(2, cuda))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("trainers must be 1, but is 2")
        .hasMessageContaining("--devices 0,1");
  }

  @Test
  void shouldBeProcessorsInThisBuild() {
    assertThat(Devices.of(3)).hasToString("cpu:3");
    assertThat(Devices.ofProcess(2)).hasToString("cpu:0");
  }

  private static final class FakeCuda implements CudaApi {
    private final List<ComputeCapability> devices;
    private final List<Integer> bound = new ArrayList<>();

    FakeCuda(ComputeCapability... devices) {
      this.devices = List.of(devices);
    }

    @Override
    public int count() {
      return devices.size();
    }

    @Override
    public String name(int index) {
      return "Fake " + index;
    }

    @Override
    public ComputeCapability capability(int index) {
      return devices.get(index);
    }

    @Override
    public void bind(int index) {
      bound.add(index);
    }
  }
}
