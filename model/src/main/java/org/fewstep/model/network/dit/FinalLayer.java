package org.fewstep.model.network.dit;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Buffer;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.LayerInitialiser;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.ModulatedLayerNorm;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code linear(norm(x; shift, scale))}: tokens [N,T,D] to patches [N,T,p*p*C].
 *
 * <p>Inputs: tokens; the condition [N,D].
 */
final class FinalLayer implements Block {
  private static final int PARTS = 2;
  private static final ModulatedLayerNorm.Parts NORM = new ModulatedLayerNorm.Parts(0, 1);

  private final Linear modulate;
  private final ModulatedLayerNorm norm;
  private final Linear linear;
  private final Buffer modulationGradient = new Buffer();

  FinalLayer(String name, DitSpec spec, Kernels kernels) {
    int d = spec.hidden();
    modulate =
        new Linear(
            name + ".adaLN_modulation.1", d, PARTS * d, true, LayerInitialiser.ZERO, kernels);
    norm = new ModulatedLayerNorm(NORM, kernels);
    linear =
        new Linear(name + ".linear", d, spec.patchLength(), true, LayerInitialiser.ZERO, kernels);
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(linear.parameters());
    all.addAll(modulate.parameters());
    return all;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray x = inputs[0];
    INDArray normalised = norm.forward(x, modulate.forward(inputs[1]));
    return Tokens.of(linear.forward(Tokens.flat(normalised)), x.size(0));
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    long images = outputGradient.size(0);
    INDArray dh = Tokens.of(linear.backward(Tokens.flat(outputGradient)), images);
    INDArray dModulation = modulationGradient.of(dh.dataType(), images, PARTS * dh.size(2));
    INDArray dx = norm.backward(dh, dModulation);
    return new INDArray[] {dx, modulate.backward(dModulation)};
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long[] x = inputs.get(0);
    memory.keepGradient(modulate.countMemory(memory, x[0]));
    norm.countMemory(memory, x);
    long[] y = linear.countMemory(memory, x[0] * x[1]);
    return new long[] {x[0], x[1], y[1]};
  }
}
