package org.fewstep.model.network.dit;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.LookupTable;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Silu;
import org.fewstep.model.network.op.Sinusoids;
import org.fewstep.model.network.op.StepMemory;
import org.fewstep.model.network.op.TimePerceptron;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code silu(t_embedder(t) + s_embedder(s) + y_embedder(class))}, [N,D]: all that the blocks are
 * told. (The official blocks apply the SiLU each for itself; it is the same one.)
 *
 * <p>Inputs: t; s with a second time; one-hot labels [N, classes + 1] with classes.
 */
final class Conditioning implements Block {
  private final Sinusoids times =
      new Sinusoids(DitSpec.TIME_FEATURES, Sinusoids.Layout.COSINES_FIRST);
  private final TimePerceptron first;
  private final @Nullable TimePerceptron second;
  private final @Nullable LookupTable labels;
  private final Silu silu = new Silu();
  private final List<Parameter> parameters = new ArrayList<>();

  Conditioning(DitSpec spec, Kernels kernels) {
    first = perceptron("t_embedder", spec, kernels);
    second = spec.secondTime() ? perceptron("s_embedder", spec, kernels) : null;
    labels =
        spec.classes() == 0
            ? null
            : new LookupTable(
                "y_embedder.embedding_table",
                spec.classes() + 1,
                spec.hidden(),
                new Initialiser.Normal(0.02));
    parameters.addAll(first.parameters());
    if (second != null) {
      parameters.addAll(second.parameters());
    }
    if (labels != null) {
      parameters.addAll(labels.parameters());
    }
  }

  private static TimePerceptron perceptron(String name, DitSpec spec, Kernels kernels) {
    return new TimePerceptron(
        name + ".mlp.0",
        name + ".mlp.2",
        DitSpec.TIME_FEATURES,
        spec.hidden(),
        DitInit.EMBEDDING,
        kernels);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    int next = 0;
    INDArray c = first.forward(times.of(inputs[next++]));
    if (second != null) {
      c.addi(second.forward(times.of(inputs[next++])));
    }
    if (labels != null) {
      c.addi(labels.forward(inputs[next]));
    }
    return silu.forward(c);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dc = silu.backward(outputGradient);
    first.backward(dc);
    int inputs = 1;
    if (second != null) {
      second.backward(dc);
      inputs++;
    }
    if (labels != null) {
      labels.backwardParameters(dc);
      inputs++;
    }
    return new INDArray[inputs];
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long n = inputs.get(0)[0];
    long[] c = first.countMemory(memory, n);
    if (second != null) {
      second.countMemory(memory, n);
    }
    if (labels != null) {
      labels.countMemory(memory, n);
    }
    return Silu.countMemory(memory, c);
  }
}
