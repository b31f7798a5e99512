package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GroupNorm, affine and optionally SiLU of {@code x + shift[n,c]} in one operation: {@code
 * silu(gamma * (x + shift - mean) / sqrt(variance + eps) + beta)} on [N,C,H,W].
 *
 * <p>Groups are min(32, C/4), eps is 1e-6, variance is the biased one, as in EDM's U-Nets.
 */
public final class GroupNormSilu {
  static final double EPSILON = 1e-6;

  /** How it is computed; both ways give the same function. */
  interface Kernel {
    /**
     * @param shift [N,C] added before the norm, or null
     * @param y receives the result
     */
    void forward(INDArray x, @Nullable INDArray shift, INDArray y);

    /**
     * Of the last forward.
     *
     * @param dx receives d/dx
     * @param dShift receives d/dshift, if there was one
     */
    void backward(INDArray dy, INDArray dx, @Nullable INDArray dShift);
  }

  private final Parameter gamma;
  private final Parameter beta;
  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient = new Buffer();
  private final Buffer shiftGradient = new Buffer();
  private @Nullable INDArray shift;

  public GroupNormSilu(String name, int channels, boolean silu, Kernels kernels) {
    this.gamma = new Parameter(name + ".weight", Initialiser.ONE, channels);
    this.beta = new Parameter(name + ".bias", Initialiser.ZERO, channels);
    int groups = groups(channels);
    this.kernel =
        switch (kernels) {
          case FUSED -> new FusedGroupNormSilu(gamma, beta, groups, silu);
          case ND4J -> new ComposedGroupNormSilu(gamma, beta, groups, silu);
        };
  }

  /** Number of groups for a number of channels. */
  static int groups(int channels) {
    int groups = Math.min(32, channels / 4);
    if (groups < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          channels + " channels cannot be normalised in " + groups + " equal groups");
    }
    return groups;
  }

  public List<Parameter> parameters() {
    return List.of(gamma, beta);
  }

  public INDArray forward(INDArray x, @Nullable INDArray shift) {
    this.shift = shift;
    INDArray y = output.of(x.dataType(), x.shape());
    kernel.forward(x, shift, y);
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray dx = inputGradient.of(dy.dataType(), dy.shape());
    INDArray dShift = shift == null ? null : shiftGradient.of(dy.dataType(), shift.shape());
    kernel.backward(dy, dx, dShift);
    return dx;
  }

  /** d/dshift of the last backward, [N,C]. */
  public INDArray shiftGradient() {
    INDArray like = Saved.of(shift);
    return shiftGradient.of(like.dataType(), like.shape());
  }
}
