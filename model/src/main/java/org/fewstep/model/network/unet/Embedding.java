package org.fewstep.model.network.unet;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Buffer;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Silu;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Embedding of the times, the class and the augmentation: {@code silu(map_layer1(silu(map_layer0(
 * pe(t) + map_label(c sqrt(classes)) + map_augment(a)))) +
 * map_layer1_s(silu(map_layer0_s(pe(s)))))}.
 *
 * <p>Inputs: pe(t); pe(s) with a second time; labels; augmentation labels, as the spec has them.
 */
final class Embedding implements Block {
  private static final Initialiser XAVIER = new Initialiser.XavierUniform(1);

  private final UNetSpec spec;
  private final @Nullable Linear mapLabel;
  private final @Nullable Linear mapAugment;
  private final Branch first;
  private final @Nullable Branch second;
  private final Silu silu = new Silu();
  private final Buffer conditioned = new Buffer();
  private final Buffer output = new Buffer();
  private final List<Parameter> parameters = new ArrayList<>();

  Embedding(UNetSpec spec) {
    this.spec = spec;
    int noise = spec.sinusoidChannels();
    int emb = spec.embeddingChannels();
    mapLabel =
        spec.classes() == 0 ? null : new Linear("map_label", spec.classes(), noise, true, XAVIER);
    mapAugment =
        spec.augmentDim() == 0
            ? null
            : new Linear("map_augment", spec.augmentDim(), noise, false, XAVIER);
    first = new Branch("", noise, emb);
    second = spec.secondTime() ? new Branch("_s", noise, emb) : null;
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
  }

  @Override
  public List<Parameter> parameters() {
    return parameters;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    int next = 0;
    INDArray pe = inputs[next++];
    INDArray peSecond = second == null ? null : inputs[next++];
    INDArray h = conditioned.of(pe.dataType(), pe.shape()).assign(pe);
    if (mapLabel != null) {
      h.addi(mapLabel.forward(inputs[next++].mul(Math.sqrt(spec.classes()))));
    }
    if (mapAugment != null) {
      h.addi(mapAugment.forward(inputs[next++]));
    }
    INDArray emb = first.forward(h);
    if (second != null && peSecond != null) {
      emb = emb.add(second.forward(peSecond));
    }
    return output.of(emb.dataType(), emb.shape()).assign(silu.forward(emb));
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

  /** Two-layer perceptron of one time. */
  private static final class Branch {
    private final Linear layer0;
    private final Linear layer1;
    private final Silu silu = new Silu();

    Branch(String suffix, int noise, int emb) {
      layer0 = new Linear("map_layer0" + suffix, noise, emb, true, XAVIER);
      layer1 = new Linear("map_layer1" + suffix, emb, emb, true, XAVIER);
    }

    List<Parameter> parameters() {
      List<Parameter> all = new ArrayList<>(layer0.parameters());
      all.addAll(layer1.parameters());
      return all;
    }

    INDArray forward(INDArray pe) {
      return layer1.forward(silu.forward(layer0.forward(pe)));
    }

    INDArray backward(INDArray dy) {
      return layer0.backward(silu.backward(layer1.backward(dy)));
    }
  }
}
