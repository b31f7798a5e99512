package org.fewstep.model.objective;

import java.util.Arrays;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.network.DropoutKey;
import org.jspecify.annotations.Nullable;

/**
 * The model that makes an objective's targets, which count as constants: the trained one itself, or
 * a slower copy of it, whose weights are an average of the trained ones and come with them.
 */
public final class TargetModel {
  private final StepModel model;
  private final boolean slower;

  private TargetModel(StepModel model, boolean slower) {
    this.model = model;
    this.slower = slower;
  }

  /** The trained model itself. */
  public static TargetModel live(StepModel trained) {
    return new TargetModel(trained, false);
  }

  /**
   * A slower copy.
   *
   * @param copy shaped as the trained model, nobody else's; its parameters come by {@link #load}
   */
  public static TargetModel slower(StepModel copy) {
    return new TargetModel(copy, true);
  }

  /** {@link StepModel#applyConstant}. */
  double[] apply(
      double[] states,
      double[] t,
      double[] s,
      float @Nullable [] labels,
      @Nullable DropoutKey dropout) {
    return model.applyConstant(states, t, s, labels, dropout);
  }

  /** Takes over the average that was published behind the first {@code from} parameters. */
  void load(float[] published, int from) {
    if (!slower) {
      throw new IllegalStateException("targets come from the trained weights themselves");
    }
    model.network().load(Arrays.copyOfRange(published, from, published.length));
  }
}
