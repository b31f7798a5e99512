package org.fewstep.model.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.fewstep.model.random.CounterRandom;

/** Distributions of points in the square from -1 to 1 that are seen at a glance. */
public enum ToyWorld {
  /** Uniform on the eight dark squares of a board of four by four. */
  CHECKERBOARD(0) {
    @Override
    int draw(CounterRandom random, double[] point) {
      int square = random.nextInt(8);
      int row = square / 2;
      int column = 2 * (square % 2) + row % 2;
      point[0] = (column + random.nextDouble()) / 2 - 1;
      point[1] = (row + random.nextDouble()) / 2 - 1;
      return -1;
    }
  },

  /** Three rings of radius 0.3, 0.6 and 0.9, each a class, with as many points for their length. */
  RINGS(3) {
    @Override
    int draw(CounterRandom random, double[] point) {
      int sixth = random.nextInt(6);
      int ring = sixth == 0 ? 0 : sixth < 3 ? 1 : 2;
      polar(0.3 * (ring + 1), 2 * Math.PI * random.nextDouble(), point);
      blur(random, 0.02, point);
      return ring;
    }
  },

  /** Two spirals that wind around each other, each a class. */
  SPIRALS(2) {
    @Override
    int draw(CounterRandom random, double[] point) {
      int arm = random.nextInt(2);
      double share = Math.sqrt(random.nextDouble());
      polar(0.9 * share, Math.PI * (arm + 3 * share), point);
      blur(random, 0.02, point);
      return arm;
    }
  },

  /** Eight Gaussians on a circle, each a class. {@link #mixtureDensity} is their density. */
  GAUSSIAN_MIXTURE(8) {
    @Override
    int draw(CounterRandom random, double[] point) {
      int component = random.nextInt(COMPONENTS);
      centre(component, point);
      blur(random, DEVIATION, point);
      return component;
    }
  };

  private static final int COMPONENTS = 8;
  private static final double RADIUS = 0.7;
  private static final double DEVIATION = 0.08;
  private static final String PREFIX = "toy-";
  private static final String TEST = "-test";

  private final int classes;

  ToyWorld(int classes) {
    this.classes = classes;
  }

  /** Number of classes, 0 for a world without. */
  int classes() {
    return classes;
  }

  /**
   * Draws a point.
   *
   * @param point receives two coordinates
   * @return its class, -1 in a world without
   */
  abstract int draw(CounterRandom random, double[] point);

  /** Density of {@link #GAUSSIAN_MIXTURE} at a point. */
  public static double mixtureDensity(double x, double y) {
    double[] centre = new double[2];
    double density = 0;
    for (int c = 0; c < COMPONENTS; c++) {
      centre(c, centre);
      double square = (x - centre[0]) * (x - centre[0]) + (y - centre[1]) * (y - centre[1]);
      density += Math.exp(-square / (2 * DEVIATION * DEVIATION));
    }
    return density / (COMPONENTS * 2 * Math.PI * DEVIATION * DEVIATION);
  }

  /**
   * Variance of either coordinate of {@link #GAUSSIAN_MIXTURE}, whose mean is 0 and which has no
   * covariance.
   */
  public static double mixtureVariance() {
    return RADIUS * RADIUS / 2 + DEVIATION * DEVIATION;
  }

  /** The names of the worlds' data sets, each with a second set of other points for scores. */
  static List<String> names() {
    return Arrays.stream(values()).flatMap(w -> List.of(w.set(), w.set() + TEST).stream()).toList();
  }

  /** The data set of that name, if there is one. */
  static Optional<ImageDataset> open(String name) {
    for (ToyWorld world : values()) {
      if (name.equals(world.set())) {
        return Optional.of(ToyDataset.training(world));
      }
      if (name.equals(world.set() + TEST)) {
        return Optional.of(ToyDataset.test(world));
      }
    }
    return Optional.empty();
  }

  private String set() {
    return PREFIX + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void centre(int component, double[] point) {
    polar(RADIUS, 2 * Math.PI * component / COMPONENTS, point);
  }

  private static void polar(double radius, double angle, double[] point) {
    point[0] = radius * StrictMath.cos(angle);
    point[1] = radius * StrictMath.sin(angle);
  }

  private static void blur(CounterRandom random, double deviation, double[] point) {
    point[0] += deviation * random.nextGaussian();
    point[1] += deviation * random.nextGaussian();
  }
}
