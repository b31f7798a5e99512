package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;

class UnitReaderTest {
  private static final ImageShape SHAPE = new ImageShape(1, 1, 2);

  @Property(tries = 60)
  void shouldShowEveryImageOncePerEpoch(
      @ForAll @IntRange(min = 1, max = 23) int count,
      @ForAll @IntRange(min = 1, max = 9) int unitImages,
      @ForAll long seed) {
    UnitReader reader = new UnitReader(dataset(count), seed, unitImages, false);
    int epochs = 3;
    int units = (epochs * count + unitImages - 1) / unitImages;
    int[] seen =
        IntStream.range(0, units)
            .flatMap(unit -> Arrays.stream(reader.read(unit).labels()))
            .toArray();
    for (int epoch = 0; epoch < epochs; epoch++) {
      int[] its = Arrays.copyOfRange(seen, epoch * count, (epoch + 1) * count);
      Arrays.sort(its);
      assertThat(its).isEqualTo(IntStream.range(0, count).toArray());
    }
  }

  @Test
  void shouldGiveTheSameUnitWhoeverAsksAndWhen() {
    ImageDataset set = dataset(50);
    UnitReader first = new UnitReader(set, 5, 8, true);
    List<Unit> inOrder = LongStream.range(0, 60).mapToObj(first::read).toList();
    UnitReader second = new UnitReader(set, 5, 8, true);
    LongStream.range(0, 60)
        .map(i -> i * 37 % 60)
        .parallel()
        .forEach(
            i ->
                assertThat(second.read(i))
                    .usingRecursiveComparison()
                    .isEqualTo(inOrder.get((int) i)));
  }

  /** Old runs can be repeated only as long as this stays so. */
  @Test
  void shouldTakeOrderAndFlipsFromTheCounterStreams() {
    long seed = 11;
    Unit unit = new UnitReader(dataset(10), seed, 8, true).read(3);
    CounterRandom flips = CounterRandom.of(seed, Purpose.FLIP, 3);
    for (int j = 0; j < 8; j++) {
      int position = 3 * 8 + j;
      int[] order = CounterRandom.of(seed, Purpose.IMAGE_ORDER, position / 10).permutation(10);
      int index = order[position % 10];
      int first = flips.nextInt() < 0 ? index + 100 : index;
      assertThat(unit.labels()[j]).isEqualTo(index);
      assertThat(PixelScale.toPixel(unit.images()[2 * j])).isEqualTo((byte) first);
    }
  }

  @Test
  void shouldShuffleEachEpochAndEachSeedAnew() {
    UnitReader reader = new UnitReader(dataset(50), 5, 50, false);
    assertThat(reader.read(0).labels()).isNotEqualTo(reader.read(1).labels());
    assertThat(reader.read(0).labels())
        .isNotEqualTo(new UnitReader(dataset(50), 6, 50, false).read(0).labels());
  }

  @Test
  void shouldFlipAboutHalfOfTheImagesAndNothingElse() {
    ImageDataset set = dataset(100);
    Unit plain = new UnitReader(set, 5, 1000, false).read(3);
    Unit flipped = new UnitReader(set, 5, 1000, true).read(3);
    assertThat(flipped.labels()).isEqualTo(plain.labels());
    int flips = 0;
    for (int i = 0; i < 1000; i++) {
      double left = plain.images()[2 * i];
      double right = plain.images()[2 * i + 1];
      if (flipped.images()[2 * i] == right) {
        assertThat(flipped.images()[2 * i + 1]).isEqualTo(left);
        flips++;
      } else {
        assertThat(flipped.images()[2 * i]).isEqualTo(left);
        assertThat(flipped.images()[2 * i + 1]).isEqualTo(right);
      }
    }
    assertThat(flips).isBetween(430, 570);
  }

  @Test
  void shouldMirrorRowsOfEveryChannel() {
    ImageShape shape = new ImageShape(2, 2, 3);
    byte[] pixels = new byte[12];
    for (int i = 0; i < 12; i++) {
      pixels[i] = (byte) i;
    }
    ImageDataset set = new MemoryDataset(shape, List.of(pixels), new int[0]);
    Unit unit = new UnitReader(set, 1, 16, true).read(0);
    boolean mirrored = false;
    for (int j = 0; j < 16; j++) {
      int[] read = new int[12];
      for (int i = 0; i < 12; i++) {
        read[i] = PixelScale.toPixel(unit.images()[12 * j + i]);
      }
      if (read[0] != 0) {
        mirrored = true;
        assertThat(read).containsExactly(2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9);
      }
    }
    assertThat(mirrored).isTrue();
    assertThat(unit.labels()).containsOnly(-1);
    assertThat(unit.count()).isEqualTo(16);
  }

  @Test
  void shouldRefuseImpossibleUnits() {
    assertThatThrownBy(() -> new UnitReader(dataset(2), 0, 0, false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new UnitReader(dataset(2), 0, 1, false).read(-1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Images whose label is their index, and whose two pixels differ. */
  private static ImageDataset dataset(int count) {
    return new MemoryDataset(
        SHAPE,
        IntStream.range(0, count).mapToObj(i -> new byte[] {(byte) i, (byte) (i + 100)}).toList(),
        IntStream.range(0, count).toArray());
  }
}
