package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ToyWorldTest {
  @ParameterizedTest
  @MethodSource("names")
  void shouldOpenByItsNameAndStayInTheSquare(String name) {
    ImageDataset points = Datasets.open(Datasets.BUILTIN_PREFIX + name);

    assertThat(points.shape()).isEqualTo(ImageShape.POINT);
    assertThat(points.fingerprint())
        .isEqualTo(Datasets.open(Datasets.BUILTIN_PREFIX + name).fingerprint());
    double[] point = new double[2];
    double square = 0;
    for (int i = 0; i < points.count(); i++) {
      points.read(i, point, 0);
      assertThat(Math.max(Math.abs(point[0]), Math.abs(point[1]))).isLessThan(1.1);
      assertThat(points.label(i)).isBetween(-1, points.classes() - 1);
      square += point[0] * point[0] + point[1] * point[1];
    }
    assertThat(Math.sqrt(square / (2 * points.count()))).isCloseTo(0.5, within(0.1));
  }

  static Iterable<String> names() {
    return ToyWorld.names();
  }

  @Test
  void shouldLeaveTheLightSquaresOfTheBoardEmpty() {
    ImageDataset board = Datasets.open("builtin:toy-checkerboard");
    double[] point = new double[2];
    for (int i = 0; i < 1000; i++) {
      board.read(i, point, 0);
      int column = (int) Math.floor(2 * (point[0] + 1));
      int row = (int) Math.floor(2 * (point[1] + 1));
      assertThat((column + row) % 2).isZero();
    }
  }

  /** Points fall into a small square as often as the density says. */
  @Test
  void shouldKnowTheDensityOfTheMixture() {
    ImageDataset mixture = Datasets.open("builtin:toy-gaussian-mixture");
    double[] point = new double[2];
    int inside = 0;
    for (int i = 0; i < mixture.count(); i++) {
      mixture.read(i, point, 0);
      inside += Math.abs(point[0] - 0.75) < 0.05 && Math.abs(point[1] - 0.05) < 0.05 ? 1 : 0;
    }
    double expected = 0;
    for (int i = 0; i < 100; i++) {
      double x = 0.7 + (i / 10 + 0.5) / 100;
      double y = (i % 10 + 0.5) / 100;
      expected += ToyWorld.mixtureDensity(x, y) * 1e-4;
    }
    assertThat(inside / (double) mixture.count()).isCloseTo(expected, within(0.003));
  }

  @Test
  void shouldNotTakePointsForPictures() {
    assertThatThrownBy(() -> Datasets.openPictures("builtin:toy-rings"))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("builtin:toy-rings", "points, not pictures", "data.path=");
    assertThat(Datasets.classNames("builtin:toy-rings")).isEmpty();
  }
}
