package org.fewstep.tests.bench.ours;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;
import org.fewstep.tests.bench.Contender;
import org.fewstep.tests.bench.ContenderLoop;
import org.fewstep.tests.bench.NetworkWork;
import org.fewstep.tests.bench.StepCase;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** The network as a trainer of this project calls it. */
public final class OursMain {
  private static final long SEED = 0;

  private OursMain() {}

  /**
   * @param arguments folder with {@link StepCase#NETWORK} and {@link StepCase#FILE}, batch,
   *     threads, steps of sampling
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    CpuThreads.use(Integer.parseInt(arguments[2]));
    String json = Files.readString(folder.resolve(StepCase.NETWORK));
    StepModelSpec spec = StepModelSpec.parse(json, StepCase.NETWORK);
    try (Safetensors drawn = Safetensors.open(folder.resolve(StepCase.FILE))) {
      ContenderLoop.serve(
          new Ours(spec, drawn, Integer.parseInt(arguments[1]), Integer.parseInt(arguments[3])));
    }
  }

  /** Times of so many steps. */
  static double[] times(StepModelSpec spec, int steps) {
    return TimeGrid.UNIFORM.times(spec.settings().schedule(), spec.tMin(), spec.tMax(), steps);
  }

  /** Images by the pushforward sampler. */
  static double[] draw(StepModel model, double[] prior, double[] times, float @Nullable [] labels) {
    Sampler.Request request =
        new Sampler.Request(
            labels,
            null,
            restart -> {
              throw new IllegalStateException("a pushforward needs no fresh noise");
            });
    return Sampler.PUSHFORWARD.sample(model, prior, times, request);
  }

  private static final class Ours implements Contender {
    private final StepModelSpec spec;
    private final StepModel model;
    private final Network network;
    private final int batch;
    private final double[] times;
    private final double[] prior;
    private final NetworkInput input;
    private final double[] outputGradient;
    private final float[] gradient;
    private final INDArray[] factors = new INDArray[3];
    private long step;

    Ours(StepModelSpec spec, Safetensors drawn, int batch, int sampleSteps) {
      this.spec = spec;
      this.model = spec.create();
      this.network = model.network();
      this.batch = batch;
      this.times = OursMain.times(spec, sampleSteps);
      this.gradient = new float[network.parameters().length()];
      this.input =
          new NetworkInput(
              batch,
              drawn.doubles(StepCase.STATE),
              drawn.doubles(StepCase.TIME),
              drawn.names().contains(StepCase.SECOND_TIME)
                  ? drawn.doubles(StepCase.SECOND_TIME)
                  : null,
              optional(drawn, StepCase.LABELS),
              optional(drawn, StepCase.AUGMENT));
      this.outputGradient = drawn.doubles(StepCase.OUTPUT_GRADIENT);
      this.prior = drawn.doubles(StepCase.PRIOR);
      load(drawn);
      check(drawn);
      for (int i = 0; i < factors.length; i++) {
        factors[i] = Nd4j.rand(DataType.FLOAT, StepCase.SGEMM_SIZE, StepCase.SGEMM_SIZE);
      }
    }

    private static float @Nullable [] optional(Safetensors drawn, String name) {
      return drawn.names().contains(name) ? drawn.floats(name) : null;
    }

    /** By way of the gradient's memory, which nobody needs yet. */
    private void load(Safetensors drawn) {
      for (ParameterTable.Entry entry : network.parameters().entries()) {
        drawn.readFloats(entry.name(), gradient, Math.toIntExact(entry.offset()));
      }
      network.load(gradient);
    }

    /** That what is timed computes what the other side was compared with. */
    private void check(Safetensors drawn) {
      double[] expected = drawn.doubles(StepCase.OUTPUT);
      double[] output = network.forward(input, null);
      for (int i = 0; i < output.length; i++) {
        if ((float) output[i] != (float) expected[i]) {
          throw new IllegalStateException(
              "number %d of the output is %s instead of %s".formatted(i, output[i], expected[i]));
        }
      }
    }

    @Override
    public Map<String, Runnable> tasks() {
      return Map.of(
          StepCase.FORWARD, this::forward,
          StepCase.STEP, this::step,
          StepCase.SAMPLE, this::sample,
          StepCase.SGEMM, this::sgemm);
    }

    @Override
    public Map<String, Double> facts() {
      return Map.of(
          StepCase.PARAMETERS,
          (double) gradient.length,
          StepCase.FORWARD_FLOPS,
          NetworkWork.forwardFlops(spec.network(), batch));
    }

    private void sample() {
      double[] images = draw(model, prior, times, input.labels());
      if (images.length != prior.length) {
        throw new IllegalStateException();
      }
    }

    private void forward() {
      network.forward(input, dropout());
    }

    /** Other masks at each step, as in training. */
    private DropoutKey dropout() {
      return new DropoutKey(SEED, step++);
    }

    private void step() {
      network.forward(input, dropout());
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
      model.close();
    }
  }
}
