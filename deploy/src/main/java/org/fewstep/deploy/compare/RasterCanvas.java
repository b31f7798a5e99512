package org.fewstep.deploy.compare;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import org.fewstep.model.io.Png;

/** Pixels, twice as many a side as the chart's own for sharp lines. */
final class RasterCanvas implements Canvas {
  private static final int SCALE = 2;
  private static final int CHANNELS = 3;

  private final BufferedImage image;
  private final Graphics2D graphics;

  RasterCanvas(int width, int height) {
    image = new BufferedImage(SCALE * width, SCALE * height, BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.scale(SCALE, SCALE);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, Chart.TEXT_PIXELS));
  }

  @Override
  public void line(double x1, double y1, double x2, double y2, int colour, double width) {
    graphics.setColor(new Color(colour));
    graphics.setStroke(new BasicStroke((float) width));
    graphics.draw(new Line2D.Double(x1, y1, x2, y2));
  }

  @Override
  public void dot(double x, double y, double radius, int colour) {
    graphics.setColor(new Color(colour));
    graphics.fill(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
  }

  @Override
  public void text(double x, double y, Anchor anchor, String text) {
    int width = graphics.getFontMetrics().stringWidth(text);
    double left =
        switch (anchor) {
          case START -> x;
          case MIDDLE -> x - width / 2.0;
          case END -> x - width;
        };
    graphics.setColor(Color.BLACK);
    graphics.drawString(text, (float) left, (float) y);
  }

  /** The finished PNG. */
  byte[] png() {
    graphics.dispose();
    int width = image.getWidth();
    int height = image.getHeight();
    byte[] values = new byte[CHANNELS * width * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int rgb = image.getRGB(x, y);
        for (int c = 0; c < CHANNELS; c++) {
          values[(c * height + y) * width + x] = (byte) (rgb >> (8 * (CHANNELS - 1 - c)));
        }
      }
    }
    return Png.encode(new Png.Pixels(CHANNELS, height, width, values));
  }
}
