package org.fewstep.deploy.compare;

/** What a chart is drawn on; coordinates in pixels from the upper left corner. */
interface Canvas {
  /** Where a text stands relative to its point, which lies on its base line. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }

  /**
   * A straight line.
   *
   * @param colour 0xRRGGBB
   */
  void line(double x1, double y1, double x2, double y2, int colour, double width);

  /** A filled disc. */
  void dot(double x, double y, double radius, int colour);

  /** Black text. */
  void text(double x, double y, Anchor anchor, String text);
}
