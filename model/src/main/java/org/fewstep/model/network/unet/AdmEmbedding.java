package org.fewstep.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.graph.Block;
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
 * Embedding of the times, the class and the augmentation in ADM: {@code
 * silu(map_layer1(silu(map_layer0(pe(t) + map_augment(a)))) + map_layer1_s(silu(map_layer0_s(
 * pe(s)))) + map_label(c))}.
 *
 * <p>Inputs: t; s with a second time; labels; augmentation labels, as the spec has them.
 */
final class AdmEmbedding implements Block {
  private final AdmSpec spec;
  private final Sinusoids times;
  private final TimePerceptron first;
  private final @Nullable TimePerceptron second;
  private final @Nullable Linear mapLabel;
  private final @Nullable Linear mapAugment;
  private final Silu silu = new Silu();
  private final List<Parameter> parameters = new ArrayList<>();

  AdmEmbedding(AdmSpec spec, Kernels kernels) {
    this.spec = spec;
    int noise = spec.modelChannels();
    int emb = spec.embeddingChannels();
    times = new Sinusoids(noise, Sinusoids.Layout.COSINES_FIRST);
    first = branch("", kernels);
    second = spec.secondTime() ? branch("_s", kernels) : null;
    // One column for each class, of which a one-hot label reads one: so not scaled by the fan-in.
    LayerInitialiser perClass = LayerInitialiser.weight(new Initialiser.Normal(1));
    mapLabel =
        spec.classes() == 0
            ? null
            : new Linear("map_label", spec.classes(), emb, false, perClass, kernels);
    mapAugment =
        spec.augmentDim() == 0
            ? null
            : new Linear(
                "map_augment", spec.augmentDim(), noise, false, LayerInitialiser.ZERO, kernels);
    if (mapAugment != null) {
      parameters.addAll(mapAugment.parameters());
    }
    parameters.addAll(first.parameters());
    if (second != null) {
      parameters.addAll(second.parameters());
    }
    if (mapLabel != null) {
      parameters.addAll(mapLabel.parameters());
    }
  }

  private TimePerceptron branch(String suffix, Kernels kernels) {
    return new TimePerceptron(
        "map_layer0" + suffix,
        "map_layer1" + suffix,
        spec.modelChannels(),
        spec.embeddingChannels(),
        Style.ADM.layer(),
        kernels);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    int next = 0;
    INDArray features = times.of(inputs[next++]);
    INDArray featuresSecond = second == null ? null : times.of(inputs[next++]);
    INDArray labels = mapLabel == null ? null : inputs[next++];
    if (mapAugment != null) {
      features.addi(mapAugment.forward(inputs[next]));
    }
    INDArray emb = first.forward(features);
    if (second != null && featuresSecond != null) {
      emb.addi(second.forward(featuresSecond));
    }
    if (mapLabel != null && labels != null) {
      emb.addi(mapLabel.forward(labels));
    }
    return silu.forward(emb);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dEmb = silu.backward(outputGradient);
    int inputs = 1;
    if (mapLabel != null) {
      mapLabel.backwardParameters(dEmb);
      inputs++;
    }
    if (second != null) {
      second.backward(dEmb);
      inputs++;
    }
    INDArray dFeatures = first.backward(dEmb);
    if (mapAugment != null) {
      mapAugment.backwardParameters(dFeatures);
      inputs++;
    }
    return new INDArray[inputs];
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long n = inputs.get(0)[0];
    if (mapLabel != null) {
      mapLabel.countMemoryOfParameters(memory, n);
    }
    if (mapAugment != null) {
      mapAugment.countMemoryOfParameters(memory, n);
    }
    long[] embedding = first.countMemory(memory, n);
    if (second != null) {
      second.countMemory(memory, n);
    }
    return Silu.countMemory(memory, embedding);
  }
}
