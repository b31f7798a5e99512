package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * GroupNorm with its affine part, a condition and optionally SiLU in one operation on [N,C,H,W].
 *
 * <p>Groups are min(32, C/4), variance is the biased one, as in EDM's U-Nets.
 */
public final class GroupNormSilu {
  /** Where the condition enters the norm of x, with norm(x) = gamma * xHat + beta. */
  public enum Conditioning {
    /** {@code norm(x)}. */
    NONE,
    /** {@code norm(x + shift)}; the condition is shift [N,C]. */
    SHIFT,
    /** {@code norm(x) * (1 + scale) + shift}; the condition is [N,2C], scale before shift. */
    SCALE_AND_SHIFT
  }

  /**
   * What is computed.
   *
   * @param epsilon added to the variance
   * @param silu whether the result passes through x * sigmoid(x)
   */
  public record Form(int channels, double epsilon, boolean silu, Conditioning conditioning) {
    public Form {
      GroupNormSilu.groups(channels);
    }

    int groups() {
      return GroupNormSilu.groups(channels);
    }
  }

  /** How it is computed; both ways give the same function. */
  interface Kernel {
    /**
     * @param condition as the form says, or null
     * @param y receives the result
     */
    void forward(INDArray x, @Nullable INDArray condition, INDArray y);

    /**
     * Of the last forward.
     *
     * @param dx receives d/dx
     * @param dCondition receives d/dcondition, if there was one
     */
    void backward(INDArray dy, INDArray dx, @Nullable INDArray dCondition);
  }

  private final Parameter gamma;
  private final Parameter beta;
  private final Kernel kernel;
  private final Buffer output = new Buffer();
  private final Buffer inputGradient;
  private final Buffer conditionGradient = new Buffer();
  private @Nullable INDArray condition;

  public GroupNormSilu(String name, Form form, Kernels kernels) {
    this(name, form, kernels, new Buffer());
  }

  /**
   * @param inputGradient where backward's result lies, which may be shared with operations whose
   *     results are not needed any more then
   */
  public GroupNormSilu(String name, Form form, Kernels kernels, Buffer inputGradient) {
    this.inputGradient = inputGradient;
    this.gamma = new Parameter(name + ".weight", Initialiser.ONE, form.channels);
    this.beta = new Parameter(name + ".bias", Initialiser.ZERO, form.channels);
    this.kernel =
        switch (kernels) {
          case FUSED -> new FusedGroupNormSilu(gamma, beta, form);
          case ND4J -> new ComposedGroupNormSilu(gamma, beta, form);
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

  /**
   * @param condition as the form says; null without one
   */
  public INDArray forward(INDArray x, @Nullable INDArray condition) {
    this.condition = condition;
    INDArray y = output.of(x.dataType(), x.shape());
    kernel.forward(x, condition, y);
    return y;
  }

  public INDArray backward(INDArray dy) {
    INDArray dx = inputGradient.of(dy.dataType(), dy.shape());
    INDArray dCondition =
        condition == null ? null : conditionGradient.of(dy.dataType(), condition.shape());
    kernel.backward(dy, dx, dCondition);
    return dx;
  }

  /** d/dcondition of the last backward. */
  public INDArray conditionGradient() {
    INDArray like = Saved.of(condition);
    return conditionGradient.of(like.dataType(), like.shape());
  }

  /**
   * Counts the memory of forward and backward.
   *
   * @param condition shape of the condition; null without one
   * @param x shape of the input, and of the output, which is returned
   */
  public long[] countMemory(StepMemory memory, long @Nullable [] condition, long... x) {
    memory.keepGradient(inputGradient, x);
    if (condition != null) {
      memory.keepGradient(condition);
    }
    return memory.keep(x);
  }
}
