package org.fewstep.deploy.compare;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Curves over a logarithmic axis, with upright lines for ranges. Scores that are above 0 throughout
 * are shown logarithmically too.
 *
 * @param curves at least one, each with at least one point
 */
record Chart(String title, String xLabel, String yLabel, List<Curve> curves) {
  static final int TEXT_PIXELS = 12;
  private static final int WIDTH = 760;
  private static final int HEIGHT = 420;
  private static final int LEFT = 80;
  private static final int RIGHT = 230;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;
  private static final int TICKS = 5;
  private static final int GREY = 0xDDDDDD;
  private static final int BLACK = 0;

  /** Okabe and Ito's colours, then some of Paul Tol's, which the colour-blind tell apart. */
  private static final int[] COLOURS = {
    0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x000000, 0x888888, 0x882255,
    0x332288, 0x999933, 0x44AA99
  };

  /**
   * A place on a curve, and the range that it is the mean of.
   *
   * @param x above 0
   */
  record Point(double x, double y, double low, double high) {}

  /** Points by rising x, joined by lines. */
  record Curve(String name, List<Point> points) {
    Curve {
      points = points.stream().sorted(Comparator.comparingDouble(Point::x)).toList();
    }
  }

  /** From a value to its place along an axis. */
  private record Axis(double low, double high, boolean logarithmic, double start, double end) {
    static Axis of(double low, double high, boolean logarithmic, double start, double end) {
      if (low < high) {
        return new Axis(low, high, logarithmic, start, end);
      }
      // One value alone stands in the middle.
      return logarithmic
          ? new Axis(low / 2, high * 2, true, start, end)
          : new Axis(low - 1, high + 1, false, start, end);
    }

    double at(double value) {
      return start + (end - start) * (of(value) - of(low)) / (of(high) - of(low));
    }

    double tick(int i) {
      double share = i / (double) (TICKS - 1);
      double value = of(low) + share * (of(high) - of(low));
      return logarithmic ? Math.exp(value) : value;
    }

    private double of(double value) {
      return logarithmic ? Math.log(value) : value;
    }
  }

  /** The chart as SVG. */
  String svg() {
    SvgCanvas canvas = new SvgCanvas(WIDTH, HEIGHT);
    draw(canvas);
    return canvas.document();
  }

  /** The chart as PNG. */
  byte[] png() {
    RasterCanvas canvas = new RasterCanvas(WIDTH, HEIGHT);
    draw(canvas);
    return canvas.png();
  }

  private void draw(Canvas canvas) {
    double lowest = points().mapToDouble(Point::low).min().orElseThrow();
    Axis x =
        Axis.of(
            points().mapToDouble(Point::x).min().orElseThrow(),
            points().mapToDouble(Point::x).max().orElseThrow(),
            true,
            LEFT,
            WIDTH - (double) RIGHT);
    Axis y =
        Axis.of(
            lowest,
            points().mapToDouble(Point::high).max().orElseThrow(),
            lowest > 0,
            HEIGHT - (double) BOTTOM,
            TOP);
    canvas.text(LEFT, TOP - 18.0, Canvas.Anchor.START, title + " (" + yLabel + ")");
    for (int i = 0; i < TICKS; i++) {
      double height = y.at(y.tick(i));
      canvas.line(LEFT, height, WIDTH - (double) RIGHT, height, GREY, 1);
      canvas.text(LEFT - 6.0, height + 4, Canvas.Anchor.END, number(y.tick(i)));
    }
    for (double value : points().mapToDouble(Point::x).distinct().sorted().toArray()) {
      double place = x.at(value);
      canvas.line(place, HEIGHT - (double) BOTTOM, place, HEIGHT - BOTTOM + 4.0, BLACK, 1);
      if (points().mapToDouble(Point::x).distinct().count() <= 2 * TICKS) {
        canvas.text(place, HEIGHT - BOTTOM + 18.0, Canvas.Anchor.MIDDLE, number(value));
      }
    }
    canvas.line(
        LEFT, HEIGHT - (double) BOTTOM, WIDTH - (double) RIGHT, HEIGHT - (double) BOTTOM, BLACK, 1);
    canvas.text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12.0, Canvas.Anchor.MIDDLE, xLabel);
    for (int i = 0; i < curves.size(); i++) {
      draw(curves.get(i), i, x, y, canvas);
    }
  }

  private static void draw(Curve curve, int index, Axis x, Axis y, Canvas canvas) {
    int colour = COLOURS[index % COLOURS.length];
    Point before = curve.points().get(0);
    for (Point point : curve.points()) {
      canvas.line(x.at(before.x()), y.at(before.y()), x.at(point.x()), y.at(point.y()), colour, 2);
      canvas.line(
          x.at(point.x()), y.at(point.low()), x.at(point.x()), y.at(point.high()), colour, 1);
      canvas.dot(x.at(point.x()), y.at(point.y()), 3.5, colour);
      before = point;
    }
    double height = TOP + 18.0 * index;
    canvas.dot(WIDTH - RIGHT + 20.0, height - 4, 4, colour);
    canvas.text(WIDTH - RIGHT + 30.0, height, Canvas.Anchor.START, curve.name());
  }

  private Stream<Point> points() {
    return curves.stream().flatMap(curve -> curve.points().stream());
  }

  private static String number(double value) {
    if (value >= 1000 && value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,d", (long) value);
    }
    return value == Math.rint(value) && Math.abs(value) < 1000
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3g", value);
  }
}
