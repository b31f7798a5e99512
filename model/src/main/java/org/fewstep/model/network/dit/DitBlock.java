package org.fewstep.model.network.dit;

import java.util.ArrayList;
import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Buffer;
import org.fewstep.model.network.op.GatedSum;
import org.fewstep.model.network.op.GeluTanh;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.LayerInitialiser;
import org.fewstep.model.network.op.Linear;
import org.fewstep.model.network.op.ModulatedLayerNorm;
import org.fewstep.model.network.op.MultiHeadAttention;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One block of a DiT: {@code x += gate1 attention(norm(x; shift1, scale1))}, then {@code x += gate2
 * mlp(norm(x; shift2, scale2))}, with shifts, scales and gates a linear function of the condition.
 *
 * <p>Inputs: tokens [N,T,D]; the condition [N,D].
 */
final class DitBlock implements Block {
  /** Parts of the modulation, in the official order. */
  private static final int PARTS = 6;

  private static final ModulatedLayerNorm.Parts ATTENTION_NORM = new ModulatedLayerNorm.Parts(0, 1);
  private static final int ATTENTION_GATE = 2;
  private static final ModulatedLayerNorm.Parts MLP_NORM = new ModulatedLayerNorm.Parts(3, 4);
  private static final int MLP_GATE = 5;

  private final Linear modulate;
  private final ModulatedLayerNorm attentionNorm;
  private final Linear qkv;
  private final MultiHeadAttention attention;
  private final Linear proj;
  private final GatedSum attentionSum;
  private final ModulatedLayerNorm mlpNorm;
  private final Linear fc1;
  private final GeluTanh gelu;
  private final Linear fc2;
  private final GatedSum mlpSum;

  private final Buffer modulationGradient = new Buffer();

  /**
   * @param index of the block, from 0
   */
  DitBlock(int index, DitSpec spec, Kernels kernels, TokenGradients gradients) {
    String name = "blocks." + index;
    int d = spec.hidden();
    int wide = DitSpec.MLP_RATIO * d;
    modulate =
        new Linear(
            name + ".adaLN_modulation.1", d, PARTS * d, true, LayerInitialiser.ZERO, kernels);
    // From the last operation to the first, as backward goes.
    mlpSum = new GatedSum(MLP_GATE, kernels, gradients.odd);
    fc2 = new Linear(name + ".mlp.fc2", wide, d, true, DitInit.XAVIER, kernels, gradients.even);
    gelu = new GeluTanh(kernels, gradients.odd);
    fc1 = new Linear(name + ".mlp.fc1", d, wide, true, DitInit.XAVIER, kernels, gradients.even);
    mlpNorm = new ModulatedLayerNorm(MLP_NORM, kernels, gradients.middle);
    attentionSum = new GatedSum(ATTENTION_GATE, kernels, gradients.odd);
    proj = new Linear(name + ".attn.proj", d, d, true, DitInit.XAVIER, kernels, gradients.even);
    attention = new MultiHeadAttention(spec.heads(), kernels, gradients.odd);
    qkv = new Linear(name + ".attn.qkv", d, 3 * d, true, DitInit.XAVIER, kernels, gradients.even);
    attentionNorm = new ModulatedLayerNorm(ATTENTION_NORM, kernels, gradients.end(index));
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> all = new ArrayList<>();
    for (Linear layer : List.of(qkv, proj, fc1, fc2, modulate)) {
      all.addAll(layer.parameters());
    }
    return all;
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray x = inputs[0];
    long images = x.size(0);
    INDArray modulation = modulate.forward(inputs[1]);
    INDArray h = qkv.forward(Tokens.flat(attentionNorm.forward(x, modulation)));
    h = proj.forward(Tokens.flat(attention.forward(Tokens.of(h, images))));
    INDArray middle = attentionSum.forward(x, Tokens.of(h, images), modulation);
    h = fc1.forward(Tokens.flat(mlpNorm.forward(middle, modulation)));
    h = fc2.forward(gelu.forward(h));
    return mlpSum.forward(middle, Tokens.of(h, images), modulation);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray dy) {
    long images = dy.size(0);
    INDArray dModulation = modulationGradient.of(dy.dataType(), images, PARTS * dy.size(2));
    INDArray dh = fc2.backward(Tokens.flat(mlpSum.backward(dy, dModulation)));
    dh = fc1.backward(gelu.backward(dh));
    INDArray dMiddle = mlpNorm.backward(Tokens.of(dh, images), dModulation).addi(dy);
    dh = proj.backward(Tokens.flat(attentionSum.backward(dMiddle, dModulation)));
    dh = qkv.backward(Tokens.flat(attention.backward(Tokens.of(dh, images))));
    INDArray dx = attentionNorm.backward(Tokens.of(dh, images), dModulation).addi(dMiddle);
    return new INDArray[] {dx, modulate.backward(dModulation)};
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long[] x = inputs.get(0);
    long tokens = x[0] * x[1];
    memory.keepGradient(modulate.countMemory(memory, x[0]));
    attentionNorm.countMemory(memory, x);
    attention.countMemory(memory, x[0], x[1], qkv.countMemory(memory, tokens)[1]);
    proj.countMemory(memory, tokens);
    attentionSum.countMemory(memory, x);
    mlpNorm.countMemory(memory, x);
    gelu.countMemory(memory, fc1.countMemory(memory, tokens));
    fc2.countMemory(memory, tokens);
    return mlpSum.countMemory(memory, x);
  }
}
