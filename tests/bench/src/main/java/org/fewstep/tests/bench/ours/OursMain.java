package org.fewstep.tests.bench.ours;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fewstep.model.checkpoint.ModelSpec;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.fewstep.tests.bench.Contender;
import org.fewstep.tests.bench.ContenderLoop;
import org.fewstep.tests.bench.NetworkWork;
import org.fewstep.tests.bench.StepCase;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The network as a trainer of this project calls it. It also draws the weights and inputs for both
 * sides and writes down what it makes of them.
 */
public final class OursMain {
  private static final long SEED = 0;
  private static final DropoutKey DROPOUT = new DropoutKey(SEED, 0);

  private OursMain() {}

  /**
   * @param arguments folder with {@link StepCase#NETWORK}, batch, threads
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int batch = Integer.parseInt(arguments[1]);
    CpuThreads.use(Integer.parseInt(arguments[2]));
    String json = Files.readString(folder.resolve(StepCase.NETWORK));
    StepModelSpec spec = StepModelSpec.parse(json, StepCase.NETWORK);
    Ours ours = new Ours(spec.create().network(), batch);
    ours.writeCase(folder.resolve(StepCase.FILE), json);
    ContenderLoop.serve(ours);
  }

  private static final class Ours implements Contender {
    private final Network network;
    private final int batch;
    private final float[] weights;
    private final NetworkInput input;
    private final double[] outputGradient;
    private final float[] gradient;
    private final INDArray[] factors = new INDArray[3];

    Ours(Network network, int batch) {
      this.network = network;
      this.batch = batch;
      this.weights = weights(network.parameters());
      this.gradient = new float[weights.length];
      this.input = input(network, batch);
      this.outputGradient = gaussian(input.state().length, 1);
      network.load(weights);
      for (int i = 0; i < factors.length; i++) {
        factors[i] = Nd4j.rand(DataType.FLOAT, StepCase.SGEMM_SIZE, StepCase.SGEMM_SIZE);
      }
    }

    /** The initial ones are no test: they switch off every second convolution. */
    private static float[] weights(ParameterTable table) {
      float[] flat = new float[table.length()];
      int index = 0;
      for (ParameterTable.Entry entry : table.entries()) {
        CounterRandom random = CounterRandom.of(SEED, Purpose.INITIALISATION, index++);
        long out = entry.shape()[0];
        boolean bias = entry.shape().length == 1;
        double mean = bias && entry.name().endsWith(".weight") ? 1 : 0;
        double deviation = bias ? 0.1 : Math.sqrt((double) out / entry.length());
        int first = Math.toIntExact(entry.offset());
        for (int i = 0; i < entry.length(); i++) {
          flat[first + i] = (float) (mean + deviation * random.nextGaussian());
        }
      }
      return flat;
    }

    private static NetworkInput input(Network network, int batch) {
      CounterRandom random = CounterRandom.of(SEED, Purpose.TIME, 0);
      double[] time = new double[batch];
      double[] secondTime = new double[batch];
      for (int i = 0; i < batch; i++) {
        time[i] = (float) (1000 * random.nextDouble());
        secondTime[i] = (float) (time[i] * random.nextDouble());
      }
      return new NetworkInput(
          batch,
          gaussian(batch * network.shape().size(), 0),
          time,
          network.hasSecondTime() ? secondTime : null,
          oneHot(batch, network.classes(), random),
          network.augmentDim() == 0 ? null : floats(gaussian(batch * network.augmentDim(), 2)));
    }

    private static float @Nullable [] oneHot(int batch, int classes, CounterRandom random) {
      if (classes == 0) {
        return null;
      }
      float[] rows = new float[batch * classes];
      for (int i = 0; i < batch; i++) {
        rows[i * classes + random.nextInt(classes)] = 1;
      }
      return rows;
    }

    /** Values that float32 holds exactly. */
    private static double[] gaussian(int length, int stream) {
      CounterRandom random = CounterRandom.of(SEED, Purpose.NOISE, stream);
      double[] values = new double[length];
      for (int i = 0; i < length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return values;
    }

    private static float[] floats(double[] values) {
      float[] floats = new float[values.length];
      for (int i = 0; i < values.length; i++) {
        floats[i] = (float) values[i];
      }
      return floats;
    }

    void writeCase(Path file, String json) {
      double[] output = network.forward(input, null);
      network.backward(outputGradient, gradient);
      ImageShape shape = network.shape();
      long[] images = {batch, shape.channels(), shape.height(), shape.width()};
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (ParameterTable.Entry entry : network.parameters().entries()) {
        int first = Math.toIntExact(entry.offset());
        tensors.put(entry.name(), Tensor.slice(weights, first, entry.shape()));
        tensors.put(StepCase.GRADIENT + entry.name(), Tensor.slice(gradient, first, entry.shape()));
      }
      tensors.put(StepCase.STATE, Tensor.of(floats(input.state()), images));
      tensors.put(StepCase.TIME, Tensor.of(floats(input.time()), batch));
      if (input.secondTime() != null) {
        tensors.put(StepCase.SECOND_TIME, Tensor.of(floats(input.secondTime()), batch));
      }
      if (input.labels() != null) {
        tensors.put(StepCase.LABELS, Tensor.of(input.labels(), batch, network.classes()));
      }
      if (input.augment() != null) {
        tensors.put(StepCase.AUGMENT, Tensor.of(input.augment(), batch, network.augmentDim()));
      }
      tensors.put(StepCase.OUTPUT, Tensor.of(floats(output), images));
      tensors.put(StepCase.OUTPUT_GRADIENT, Tensor.of(floats(outputGradient), images));
      Safetensors.write(file, tensors, Map.of(ModelSpec.METADATA_KEY, json));
    }

    @Override
    public Map<String, Runnable> tasks() {
      return Map.of(
          StepCase.FORWARD, this::forward,
          StepCase.STEP, this::step,
          StepCase.SGEMM, this::sgemm);
    }

    @Override
    public Map<String, Double> facts() {
      return Map.of(
          StepCase.PARAMETERS,
          (double) weights.length,
          StepCase.FORWARD_FLOPS,
          NetworkWork.forwardFlops(network.parameters(), batch));
    }

    private void forward() {
      network.forward(input, DROPOUT);
    }

    private void step() {
      network.forward(input, DROPOUT);
      network.backward(outputGradient, gradient);
    }

    private void sgemm() {
      Nd4j.exec(
          DynamicCustomOp.builder("matmul")
              .addInputs(factors[0], factors[1])
              .addOutputs(factors[2])
              .addIntegerArguments(0, 0, 0)
              .build());
    }

    @Override
    public void close() {
      network.close();
    }
  }
}
