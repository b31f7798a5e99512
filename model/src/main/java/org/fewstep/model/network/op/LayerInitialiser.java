package org.fewstep.model.network.op;

import java.util.function.IntFunction;
import org.fewstep.model.network.Initialiser;

/**
 * How a layer's weight and bias get their first values, each a function of the layer's fan-in:
 * inputs times elements of the kernel.
 */
public record LayerInitialiser(IntFunction<Initialiser> weight, IntFunction<Initialiser> bias) {
  /** Everything zero. */
  public static final LayerInitialiser ZERO = weight(Initialiser.ZERO);

  /** EDM's {@code kaiming_uniform} scaled by sqrt(1/3), also for the bias: U(-1,1)/sqrt(fanIn). */
  public static final LayerInitialiser FAN_IN_UNIFORM =
      new LayerInitialiser(LayerInitialiser::fanInUniform, LayerInitialiser::fanInUniform);

  /** A weight initialised by its shape alone, a bias of zero. */
  public static LayerInitialiser weight(Initialiser weight) {
    return new LayerInitialiser(fanIn -> weight, fanIn -> Initialiser.ZERO);
  }

  private static Initialiser fanInUniform(int fanIn) {
    return new Initialiser.Uniform(1 / Math.sqrt(fanIn));
  }
}
