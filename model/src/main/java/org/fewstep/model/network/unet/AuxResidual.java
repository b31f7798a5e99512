package org.fewstep.model.network.unet;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.graph.Block;
import org.fewstep.model.network.op.Buffer;
import org.fewstep.model.network.op.Conv2d;
import org.fewstep.model.network.op.Kernels;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.Resample;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * NCSN++'s second way of the image into a lower resolution: {@code (x + halve(conv(aux))) *
 * sqrt(1/2)}.
 *
 * <p>Convolution and halving count as one layer of the official network: all zero padding, 1 + (L/2
 * - 1) pixels for a filter of length L, comes before the 3x3 convolution and none before the
 * filter.
 *
 * <p>Inputs: x; aux, at twice x's height and width.
 */
final class AuxResidual implements Block {
  private static final double UNIT_VARIANCE = Math.sqrt(0.5);

  private final Conv2d conv;
  private final Resample halve;
  private final int border;
  private final boolean auxIsImage;
  private final Buffer padded = new Buffer();
  private final Buffer output = new Buffer();
  private final Buffer scaledGradient = new Buffer();
  private final Buffer auxGradient = new Buffer();

  /**
   * @param auxIsImage whether aux is the network's input, which needs no gradient
   */
  AuxResidual(
      String name, int auxIn, int out, List<Integer> filter, boolean auxIsImage, Kernels kernels) {
    this.conv = new Conv2d(name, auxIn, out, 3, Style.SONG.layer(), kernels);
    this.halve = Resample.unpaddedDown(filter, kernels);
    this.border = filter.size() / 2 - 1;
    this.auxIsImage = auxIsImage;
  }

  @Override
  public List<Parameter> parameters() {
    return conv.parameters();
  }

  @Override
  public INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout) {
    INDArray x = inputs[0];
    INDArray residual = halve.forward(conv.forward(pad(inputs[1])));
    return x.addi(residual, output.of(x.dataType(), x.shape())).muli(UNIT_VARIANCE);
  }

  @Override
  public @Nullable INDArray[] backward(INDArray outputGradient) {
    INDArray scaled =
        outputGradient.muli(
            UNIT_VARIANCE, scaledGradient.of(outputGradient.dataType(), outputGradient.shape()));
    INDArray dConv = halve.backward(scaled);
    if (auxIsImage) {
      conv.backwardParameters(dConv);
      return new INDArray[] {scaled, null};
    }
    INDArray dPadded = conv.backward(dConv);
    return new INDArray[] {
      scaled,
      auxGradient
          .of(
              dPadded.dataType(),
              dPadded.size(0),
              dPadded.size(1),
              dPadded.size(2) - 2L * border,
              dPadded.size(3) - 2L * border)
          .assign(interior(dPadded))
    };
  }

  private INDArray pad(INDArray aux) {
    if (border == 0) {
      return aux;
    }
    INDArray frame =
        padded
            .of(
                aux.dataType(),
                aux.size(0),
                aux.size(1),
                aux.size(2) + 2L * border,
                aux.size(3) + 2L * border)
            .assign(0);
    interior(frame).assign(aux);
    return frame;
  }

  private INDArray interior(INDArray frame) {
    return frame.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(border, frame.size(2) - border),
        NDArrayIndex.interval(border, frame.size(3) - border));
  }

  @Override
  public long[] countMemory(StepMemory memory, List<long[]> inputs) {
    long[] aux = inputs.get(1);
    long[] frame = {aux[0], aux[1], aux[2] + 2L * border, aux[3] + 2L * border};
    if (border > 0) {
      memory.keep(frame);
    }
    if (!auxIsImage) {
      memory.keepGradient(aux);
    }
    long[] h =
        auxIsImage ? conv.countMemoryOfParameters(memory, frame) : conv.countMemory(memory, frame);
    halve.countMemory(memory, h);
    memory.keepGradient(inputs.get(0));
    return memory.keep(inputs.get(0));
  }
}
