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
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.fewstep.tests.bench.StepCase;
import org.jspecify.annotations.Nullable;

/**
 * Draws weights and inputs for both sides and writes them down with what our network makes of them.
 * It is a process of its own, so that the memory for it is not counted as our side's.
 */
public final class CaseMain {
  private static final long SEED = 0;

  private final StepModelSpec spec;
  private final StepModel model;
  private final Network network;
  private final int batch;
  private final double[] times;
  private final double[] prior;
  private final NetworkInput input;
  private final double[] outputGradient;
  private final float[] gradient;

  private CaseMain(StepModelSpec spec, int batch, int sampleSteps) {
    this.spec = spec;
    this.model = spec.create();
    this.network = model.network();
    this.batch = batch;
    this.times = OursMain.times(spec, sampleSteps);
    this.gradient = new float[network.parameters().length()];
    this.input = input(network, batch);
    this.outputGradient = gaussian(input.state().length, 1);
    this.prior = gaussian(input.state().length, 3);
    network.load(weights(network.parameters()));
  }

  /**
   * @param arguments folder with {@link StepCase#NETWORK}, batch, threads, steps of sampling
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    CpuThreads.use(Integer.parseInt(arguments[2]));
    String json = Files.readString(folder.resolve(StepCase.NETWORK));
    StepModelSpec spec = StepModelSpec.parse(json, StepCase.NETWORK);
    new CaseMain(spec, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[3]))
        .write(folder.resolve(StepCase.FILE), json);
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

  private void write(Path file, String json) {
    double[] output = network.forward(input, null);
    network.backward(outputGradient, gradient);
    float[] weights = weights(network.parameters());
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
    tensors.put(StepCase.PRIOR, Tensor.of(floats(prior), images));
    tensors.put(
        StepCase.SAMPLE_OUTPUT,
        Tensor.of(floats(OursMain.draw(model, prior, times, input.labels())), images));
    tensors.put(
        StepCase.COEFFICIENTS,
        Tensor.of(coefficients(), times.length - 1, StepCase.COEFFICIENTS_PER_STEP));
    tensors.put(StepCase.OUTPUT, Tensor.of(floats(output), images));
    tensors.put(StepCase.OUTPUT_GRADIENT, Tensor.of(floats(outputGradient), images));
    Safetensors.write(file, tensors, Map.of(ModelSpec.METADATA_KEY, json));
  }

  private float[] coefficients() {
    StepModel.Settings settings = spec.settings();
    float[] rows = new float[(times.length - 1) * StepCase.COEFFICIENTS_PER_STEP];
    int next = 0;
    for (int i = 0; i + 1 < times.length; i++) {
      double t = times[i];
      double s = times[i + 1];
      Schedule schedule = settings.schedule();
      rows[next++] = (float) Parameterisation.in(schedule, t, settings.sigmaData());
      rows[next++] = (float) settings.told(t);
      rows[next++] = (float) settings.toldSecond(t, s);
      rows[next++] = (float) settings.parameterisation().skip(schedule, s, t);
      rows[next++] = (float) model.outScale(s, t);
    }
    return rows;
  }
}
