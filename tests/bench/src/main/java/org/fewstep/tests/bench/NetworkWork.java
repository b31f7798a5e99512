package org.fewstep.tests.bench;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.dit.DitSpec;

/**
 * Multiplications and additions in the convolutions and matrix products of a network, read from its
 * parameters' names and shapes: {@code dec.14x14_up.conv0.weight} is applied at 14x14 pixels,
 * {@code blocks.0.mlp.fc1.weight} to each token. A convolution counts as it is defined, however it
 * is computed: Winograd's method needs fewer.
 */
public final class NetworkWork {
  private static final Pattern RESOLUTION = Pattern.compile("(?:enc|dec)\\.(\\d+)x(\\d+)_.*");
  private static final String ATTENTION_END = ".proj.weight";

  private static final Pattern PER_TOKEN =
      Pattern.compile(
          "x_embedder\\.proj\\.weight|final_layer\\.linear\\.weight|blocks\\.\\d+\\.(?:attn|mlp)\\..*weight");

  private NetworkWork() {}

  /** Of a forward of one batch of a network of that spec. */
  public static double forwardFlops(NetworkSpec spec, int batch) {
    return spec instanceof DitSpec dit
        ? forwardFlops(dit, batch)
        : forwardFlops(spec.parameters(), batch);
  }

  private static double forwardFlops(DitSpec dit, int batch) {
    double side = dit.shape().height() / (double) dit.patch();
    double tokens = side * side;
    // q k^T and its product with v.
    double flops = dit.depth() * 2 * 2.0 * tokens * tokens * dit.hidden();
    for (ParameterTable.Entry entry : dit.parameters().entries()) {
      boolean multiplies = entry.shape().length > 1 && entry.role() == ParameterTable.Role.TRAINED;
      if (multiplies && !entry.name().startsWith("y_embedder.")) {
        boolean perToken = PER_TOKEN.matcher(entry.name()).matches();
        flops += 2.0 * entry.length() * (perToken ? tokens : 1);
      }
    }
    return flops * batch;
  }

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
