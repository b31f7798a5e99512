package org.fewstep.model.network.mlp;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Buffer;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.LayerInitialiser;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Silu;
import org.fewstep.model.network.op.Sinusoids;
import org.fewstep.model.network.op.StepMemory;
import org.fewstep.model.network.op.TimePerceptron;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@code h = in(x)}, then in each block {@code h += second(silu(first(silu(h)) + condition(c)))},
 * then {@code out(silu(h))}, where {@code c = silu(t_embedder(t) + s_embedder(s) +
 * y_embedder(class))}. The last layer starts at zero, so that a fresh network returns zero.
 *
 * <p>Inputs: the state [N,D]; t; s with a second time; one-hot labels [N,classes] with classes, a
 * row of zeros for no class.
 */
final class MlpLayers implements Block {
  private static final LayerInitialiser XAVIER =
      LayerInitialiser.weight(new Initialiser.XavierUniform(1));

  private final Sinusoids times =
      new Sinusoids(MlpSpec.TIME_FEATURES, Sinusoids.Layout.COSINES_FIRST);
  private final TimePerceptron time;
  private final @Nullable TimePerceptron secondTime;
  private final @Nullable Linear labels;
  private final Silu conditionSilu = new Silu();
  private final Buffer conditionGradient = new Buffer();
  private final Linear in;
  private final List<Residual> blocks = new ArrayList<>();
  private final Silu outSilu = new Silu();
  private final Linear out;

  MlpLayers(MlpSpec spec, Kernels kernels) {
    int d = spec.shape().size();
    int hidden = spec.hidden();
    time = perceptron("t_embedder", hidden, kernels);
    secondTime = spec.secondTime() ? perceptron("s_embedder", hidden, kernels) : null;
    labels =
        spec.classes() == 0
            ? null
            : new Linear("y_embedder", spec.classes(), hidden, false, XAVIER, kernels);
    in = new Linear("in", d, hidden, true, XAVIER, kernels);
    for (int i = 0; i < spec.depth(); i++) {
      blocks.add(new Residual("blocks." + i, hidden, kernels));
    }
    out = new Linear("out", hidden, d, true, LayerInitialiser.ZERO, kernels);
  }

  private static TimePerceptron perceptron(String name, int hidden, Kernels kernels) {
    return new TimePerceptron(
        name + ".mlp.0", name + ".mlp.2", MlpSpec.TIME_FEATURES, hidden, XAVIER, kernels);
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>(time.parameters());
    if (secondTime != null) {
      all.addAll(secondTime.parameters());
    }
    if (labels != null) {
      all.addAll(labels.parameters());
    }
    all.addAll(in.parameters());
    blocks.forEach(block -> all.addAll(block.parameters()));
    all.addAll(out.parameters());
    return all;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    int next = 1;
    INDArray c = time.forward(times.of(inputs[next++]));
    if (secondTime != null) {
      c.addi(secondTime.forward(times.of(inputs[next++])));
    }
    if (labels != null) {
      c.addi(labels.forward(inputs[next]));
    }
    INDArray condition = conditionSilu.forward(c);
    INDArray h = in.forward(inputs[0]);
    for (Residual block : blocks) {
      h = block.forward(h, condition);
    }
    return out.forward(outSilu.forward(h));
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dh = outSilu.backward(out.backward(outputGradient));
    INDArray dCondition = conditionGradient.of(dh.dataType(), dh.shape()).assign(0);
    for (int i = blocks.size() - 1; i >= 0; i--) {
      dh = blocks.get(i).backward(dh, dCondition);
    }
    in.backwardParameters(dh);
    INDArray dc = conditionSilu.backward(dCondition);
    time.backward(dc);
    int inputs = 2;
    if (secondTime != null) {
      secondTime.backward(dc);
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
    long[] x = inputs.get(0);
    long[] c = time.countMemory(memory, x[0]);
    if (secondTime != null) {
      secondTime.countMemory(memory, x[0]);
    }
    if (labels != null) {
      labels.countMemoryOfParameters(memory, x[0]);
    }
    Silu.countMemory(memory, c);
    memory.keepGradient(c);
    long[] h = in.countMemoryOfParameters(memory, x[0]);
    for (Residual block : blocks) {
      block.countMemory(memory, h);
    }
    return out.countMemory(memory, Silu.countMemory(memory, h)[0]);
  }

  private static final class Residual {
    private final Silu inSilu = new Silu();
    private final Linear first;
    private final Linear condition;
    private final Silu hiddenSilu = new Silu();
    private final Linear second;

    Residual(String name, int hidden, Kernels kernels) {
      first = new Linear(name + ".first", hidden, hidden, true, XAVIER, kernels);
      condition = new Linear(name + ".condition", hidden, hidden, false, XAVIER, kernels);
      second = new Linear(name + ".second", hidden, hidden, true, XAVIER, kernels);
    }

    List<Parameter> parameters() {
      List<Parameter> all = new ArrayList<>(first.parameters());
      all.addAll(condition.parameters());
      all.addAll(second.parameters());
      return all;
    }

    INDArray forward(INDArray h, INDArray c) {
      INDArray hidden = first.forward(inSilu.forward(h)).addi(condition.forward(c));
      return second.forward(hiddenSilu.forward(hidden)).addi(h);
    }

    void countMemory(StepMemory memory, long... h) {
      Silu.countMemory(memory, h);
      first.countMemory(memory, h[0]);
      condition.countMemory(memory, h[0]);
      Silu.countMemory(memory, h);
      second.countMemory(memory, h[0]);
    }

    /** Adds to the condition's gradient and returns that of h. */
    INDArray backward(INDArray dh, INDArray dCondition) {
      INDArray dHidden = hiddenSilu.backward(second.backward(dh));
      dCondition.addi(condition.backward(dHidden));
      return inSilu.backward(first.backward(dHidden)).addi(dh);
    }
  }
}
