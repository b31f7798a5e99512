package org.fewstep.model.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.dit.DitSpec;
import org.fewstep.model.network.mlp.MlpSpec;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.StepMemory;
import org.fewstep.model.network.unet.AdmSpec;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.model.network.unet.UNetVariant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** What is said of a network's memory beforehand is what ND4J counts afterwards. */
class StepMemoryTest {
  private static final int IMAGES = 4;

  /** What ND4J's convolutions copy for as long as a call lasts is counted, and gone afterwards. */
  private static final double LOWEST = 0.9;

  private static final double HIGHEST = 1.01;

  private long before;
  private long afterForward;
  private long afterStep;

  static Stream<NetworkSpec> networks() {
    ImageShape image = new ImageShape(3, 16, 16);
    UNetVariant ncsnpp =
        new UNetVariant(
            UNetVariant.Times.FOURIER, UNetVariant.Encoder.RESIDUAL, List.of(1, 3, 3, 1));
    return Stream.of(
        new UNetSpec(image, 32, List.of(1, 2), 4, 1, 2, List.of(8), 0.1, 5, 9, true),
        new UNetSpec(image, 8, List.of(1, 2), 4, 1, 1, List.of(16), 0, 0, 0, true),
        new UNetSpec(image, 16, List.of(1, 2), 4, 2, 1, List.of(8), 0.1, 0, 0, false, ncsnpp),
        new AdmSpec(image, 64, List.of(1, 2), 4, 1, List.of(8), 0, 3, 0, true),
        new DitSpec(image, 2, 48, 3, 3, 10, true),
        new MlpSpec(new ImageShape(64, 1, 1), 96, 3, 4, true));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void shouldBeWhatCallsKeep(NetworkSpec spec) throws InterruptedException {
    do {
      // What operations of a thread work in belongs to the thread.
      Thread thread = new Thread(() -> measure(spec));
      thread.start();
      thread.join();
    } while (nativeBytes() < before); // what tests before this one left was given back meanwhile

    long vector = (long) Float.BYTES * spec.parameters().length();
    assertThat((double) (afterForward - before - vector) / count(StepMemory.ofForward(), spec))
        .isBetween(LOWEST, HIGHEST);
    assertThat((double) (afterStep - before - 2 * vector) / count(StepMemory.ofTraining(), spec))
        .isBetween(LOWEST, HIGHEST);
  }

  private void measure(NetworkSpec spec) {
    before = nativeBytes();
    Network network = spec.create(DataType.FLOAT, Kernels.FUSED);
    NetworkInput input = input(network);
    network.forward(input, null);
    afterForward = nativeBytes();
    double[] output = network.forward(input, new DropoutKey(1, 0));
    network.backward(output, new float[network.parameters().length()]);
    afterStep = nativeBytes();
    network.close();
  }

  private static long count(StepMemory memory, NetworkSpec spec) {
    spec.countMemory(memory, IMAGES);
    return memory.nativeBytes();
  }

  /** What ND4J holds once everything that was let go is given back. */
  private static long nativeBytes() {
    long last = -1;
    long now = Nd4j.getEnvironment().getDeviceCouner(0);
    for (int calm = 0; calm < 2; calm = now == last ? calm + 1 : 0) {
      last = now;
      System.gc();
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      now = Nd4j.getEnvironment().getDeviceCouner(0);
    }
    return now;
  }

  private static NetworkInput input(Network network) {
    return new NetworkInput(
        IMAGES,
        new double[IMAGES * network.shape().size()],
        new double[] {1, 2, 3, 4},
        network.hasSecondTime() ? new double[] {1, 2, 3, 4} : null,
        network.classes() == 0 ? null : new float[IMAGES * network.classes()],
        null);
  }
}
