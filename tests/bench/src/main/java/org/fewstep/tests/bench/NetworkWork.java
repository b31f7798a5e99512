package org.fewstep.tests.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fewstep.model.network.ParameterTable;

/**
 * Multiplications and additions in the convolutions and matrix products of a U-Net, read from its
 * parameters' names and shapes: {@code dec.14x14_up.conv0.weight} is applied at 14x14 pixels.
 */
public final class NetworkWork {
  private static final Pattern RESOLUTION = Pattern.compile("(?:enc|dec)\\.(\\d+)x(\\d+)_.*");
  private static final String ATTENTION_END = ".proj.weight";

  private NetworkWork() {}

  /**
   * Of a forward of one batch. A backward does twice as much: each product has two gradients.
   *
   * @return floating point operations, a multiplication and an addition counted as two
   */
  public static double forwardFlops(ParameterTable table, int batch) {
    double flops = 0;
    for (ParameterTable.Entry entry : table.entries()) {
      if (entry.shape().length < 2) {
        continue;
      }
      Matcher resolution = RESOLUTION.matcher(entry.name());
      boolean perPixel = entry.shape().length == 4;
      if (perPixel && !resolution.matches()) {
        throw new IllegalArgumentException(entry.name() + " does not say where it is applied");
      }
      double pixels =
          perPixel
              ? Double.parseDouble(resolution.group(1)) * Double.parseDouble(resolution.group(2))
              : 1;
      flops += 2.0 * entry.length() * pixels;
      if (entry.name().endsWith(ATTENTION_END)) {
        // q k^T and its product with v.
        flops += 2 * 2.0 * entry.shape()[0] * pixels * pixels;
      }
    }
    return flops * batch;
  }
}
