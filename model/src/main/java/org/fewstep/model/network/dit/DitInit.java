package org.fewstep.model.network.dit;

import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.op.LayerInitialiser;

/** The official first values. */
final class DitInit {
  static final LayerInitialiser XAVIER = LayerInitialiser.weight(new Initialiser.XavierUniform(1));
  static final LayerInitialiser EMBEDDING = LayerInitialiser.weight(new Initialiser.Normal(0.02));

  private DitInit() {}

  /** Xavier's of the matrix [out, in] that the weight of a patch embedding stands for. */
  static LayerInitialiser patches(int out) {
    return new LayerInitialiser(
        fanIn -> new Initialiser.Uniform(Math.sqrt(6.0 / (fanIn + out))),
        fanIn -> Initialiser.ZERO);
  }
}
