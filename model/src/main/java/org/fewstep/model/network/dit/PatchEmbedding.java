package org.fewstep.model.network.dit;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.ParameterTable.Role;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Buffer;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code proj(patch) + position}: patches [N,T,C*p*p] to tokens [N,T,D]. */
final class PatchEmbedding implements Block {
  private final Linear proj;
  private final Parameter positions;
  private final Buffer output = new Buffer();

  PatchEmbedding(DitSpec spec, Kernels kernels) {
    proj =
        Linear.ofPatches(
            "x_embedder.proj",
            spec.shape().channels(),
            spec.hidden(),
            spec.patch(),
            DitInit.patches(spec.hidden()),
            kernels);
    positions =
        Parameter.untrained(
            Role.FIXED,
            "pos_embed",
            new SinCosPositions(spec.side()),
            1,
            spec.tokens(),
            spec.hidden());
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(List.of(positions));
    all.addAll(proj.parameters());
    return all;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray x = Tokens.flat(inputs[0]);
    INDArray projected = proj.forward(x);
    INDArray tokens = Tokens.of(projected, inputs[0].size(0));
    return tokens.addi(positions.value(), output.of(tokens.dataType(), tokens.shape()));
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    proj.backwardParameters(Tokens.flat(outputGradient));
    return new INDArray[] {null};
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long[] x = inputs.get(0);
    long[] projected = proj.countMemoryOfParameters(memory, x[0] * x[1]);
    return memory.keep(x[0], x[1], projected[1]);
  }
}
