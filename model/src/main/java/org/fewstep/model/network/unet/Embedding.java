package org.fewstep.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.FourierFeatures;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Silu;
import org.fewstep.model.network.op.Sinusoids;
import org.fewstep.model.network.op.StepMemory;
import org.fewstep.model.network.op.TimeFeatures;
import org.fewstep.model.network.op.TimePerceptron;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Embedding of the times, the class and the augmentation in DDPM++ and NCSN++: {@code
 * silu(map_layer1(silu(map_layer0(map_noise(t) + map_label(c sqrt(classes)) + map_augment(a)))) +
 * map_layer1_s(silu(map_layer0_s(map_noise_s(s)))))}.
 *
 * <p>Inputs: t; s with a second time; labels; augmentation labels, as the spec has them.
 */
final class Embedding implements Block {
  private final UNetSpec spec;
  private final @Nullable Linear mapLabel;
  private final @Nullable Linear mapAugment;
  private final TimePerceptron first;
  private final @Nullable TimePerceptron second;
  private final TimeFeatures times;
  private final TimeFeatures secondTimes;
  private final Silu silu = new Silu();
  private final List<Parameter> parameters = new ArrayList<>();

  Embedding(UNetSpec spec, Kernels kernels) {
    this.spec = spec;
    int noise = spec.sinusoidChannels();
    mapLabel =
        spec.classes() == 0
            ? null
            : new Linear("map_label", spec.classes(), noise, true, Style.SONG.layer(), kernels);
    mapAugment =
        spec.augmentDim() == 0
            ? null
            : new Linear(
                "map_augment", spec.augmentDim(), noise, false, Style.SONG.layer(), kernels);
    first = branch("", kernels);
    second = spec.secondTime() ? branch("_s", kernels) : null;
    times = timeFeatures("map_noise");
    secondTimes = timeFeatures("map_noise_s");
    if (mapLabel != null) {
      parameters.addAll(mapLabel.parameters());
    }
    if (mapAugment != null) {
      parameters.addAll(mapAugment.parameters());
    }
    parameters.addAll(first.parameters());
    if (second != null) {
      parameters.addAll(second.parameters());
    }
    parameters.addAll(times.parameters());
    if (second != null) {
      parameters.addAll(secondTimes.parameters());
    }
  }

  private TimeFeatures timeFeatures(String name) {
    int channels = spec.sinusoidChannels();
    return switch (spec.variant().times()) {
      case POSITIONAL -> new Sinusoids(channels, Sinusoids.Layout.SINES_FIRST);
      case FOURIER -> new FourierFeatures(name, channels);
    };
  }

  private TimePerceptron branch(String suffix, Kernels kernels) {
    return new TimePerceptron(
        "map_layer0" + suffix,
        "map_layer1" + suffix,
        spec.sinusoidChannels(),
        spec.embeddingChannels(),
        Style.SONG.layer(),
        kernels);
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    int next = 0;
    INDArray h = times.of(inputs[next++]);
    INDArray featuresSecond = second == null ? null : secondTimes.of(inputs[next++]);
    if (mapLabel != null) {
      h.addi(mapLabel.forward(inputs[next++].mul(Math.sqrt(spec.classes()))));
    }
    if (mapAugment != null) {
      h.addi(mapAugment.forward(inputs[next++]));
    }
    INDArray emb = first.forward(h);
    if (second != null && featuresSecond != null) {
      emb.addi(second.forward(featuresSecond));
    }
    return silu.forward(emb);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray dEmb = silu.backward(outputGradient);
    INDArray dh = first.backward(dEmb);
    if (second != null) {
      second.backward(dEmb);
    }
    if (mapLabel != null) {
      mapLabel.backwardParameters(dh);
    }
    if (mapAugment != null) {
      mapAugment.backwardParameters(dh);
    }
    int inputs = 1;
    inputs += second == null ? 0 : 1;
    inputs += mapLabel == null ? 0 : 1;
    inputs += mapAugment == null ? 0 : 1;
    return new INDArray[inputs];
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long n = inputs.get(0)[0];
    if (mapLabel != null) {
      memory.make(n, spec.classes());
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
