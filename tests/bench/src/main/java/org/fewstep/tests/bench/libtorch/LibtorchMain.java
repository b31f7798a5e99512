package org.fewstep.tests.bench.libtorch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringTensorDict;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch;
import org.fewstep.model.checkpoint.ModelSpec;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.NetworkSpec;
import org.fewstep.model.network.dit.DitSpec;
import org.fewstep.model.network.unet.UNetSpec;
import org.fewstep.tests.bench.Contender;
import org.fewstep.tests.bench.ContenderLoop;
import org.fewstep.tests.bench.StepCase;
import org.jspecify.annotations.Nullable;

/**
 * The same network in libtorch: eager, with autograd. What a block allocates beside its result and
 * what autograd keeps is given back at its end, and so is what a whole forward allocates; C++ would
 * do the former statement by statement.
 */
public final class LibtorchMain {
  /** Asks for a comparison of the results. */
  public static final String CHECK = "check";

  private LibtorchMain() {}

  /**
   * @param arguments folder with {@link StepCase#FILE}, threads, and {@link #CHECK} to compare
   *     instead of to be timed
   */
  public static void main(String[] arguments) throws IOException {
    torch.set_num_threads(Integer.parseInt(arguments[1]));
    try (Safetensors source = Safetensors.open(Path.of(arguments[0]).resolve(StepCase.FILE))) {
      Libtorch libtorch = new Libtorch(source);
      if (arguments.length > 2 && arguments[2].equals(CHECK)) {
        Map<String, Double> errors = libtorch.errors(source);
        ContenderLoop.serve(new Compared(errors));
      } else {
        ContenderLoop.serve(libtorch);
      }
    }
  }

  /** Knows how far the results are apart, and does nothing more. */
  private record Compared(Map<String, Double> facts) implements Contender {
    @Override
    public Map<String, Runnable> tasks() {
      return Map.of();
    }
  }

  private static final class Libtorch implements Contender {
    private final TorchNetwork network;
    private final Tensor state;
    private final Tensor time;
    private final @Nullable Tensor secondTime;
    private final @Nullable Tensor labels;
    private final @Nullable Tensor augment;
    private final Tensor outputGradient;
    private final Tensor prior;
    private final float[][] coefficients;

    Libtorch(Safetensors source) {
      String json = String.valueOf(source.metadata().get(ModelSpec.METADATA_KEY));
      network = network(StepModelSpec.parse(json, StepCase.FILE).network());
      load(source);
      state = tensor(source, StepCase.STATE);
      time = tensor(source, StepCase.TIME);
      secondTime = optional(source, StepCase.SECOND_TIME);
      labels = optional(source, StepCase.LABELS);
      augment = optional(source, StepCase.AUGMENT);
      outputGradient = tensor(source, StepCase.OUTPUT_GRADIENT);
      coefficients = rows(source);
      prior = tensor(source, StepCase.PRIOR);
    }

    /** How far its results are from ours, without dropout. */
    Map<String, Double> errors(Safetensors source) {
      network.eval();
      double outputError;
      double gradientError;
      double sampleError;
      try (PointerScope scope = new PointerScope()) {
        Tensor output = output();
        backward(output);
        outputError = error(output, source, StepCase.OUTPUT);
        gradientError = gradientError(source);
      }
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        sampleError = error(drawn(), source, StepCase.SAMPLE_OUTPUT);
      }
      return Map.of(
          StepCase.OUTPUT_ERROR, outputError,
          StepCase.GRADIENT_ERROR, gradientError,
          StepCase.SAMPLE_ERROR, sampleError);
    }

    private static TorchNetwork network(NetworkSpec spec) {
      return spec instanceof DitSpec dit ? new TorchDit(dit) : new SongUNet((UNetSpec) spec);
    }

    private void load(Safetensors source) {
      StringTensorDict parameters = network.named_parameters();
      long tensors = source.names().stream().filter(name -> !name.startsWith("bench.")).count();
      if (parameters.size() != tensors) {
        throw new IllegalStateException(
            "libtorch's network has %d tensors, ours %d".formatted(parameters.size(), tensors));
      }
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        for (String name : source.names()) {
          if (!name.startsWith("bench.")) {
            parameters.get(name).copy_(tensor(source, name));
          }
        }
      }
    }

    private static @Nullable Tensor optional(Safetensors source, String name) {
      return source.names().contains(name) ? tensor(source, name) : null;
    }

    private static Tensor tensor(Safetensors source, String name) {
      return Tensor.create(source.floats(name), source.shape(name));
    }

    private double gradientError(Safetensors source) {
      StringTensorDict parameters = network.named_parameters();
      double largest = 0;
      for (String name : source.names()) {
        if (name.startsWith(StepCase.GRADIENT)) {
          Tensor parameter = parameters.get(name.substring(StepCase.GRADIENT.length()));
          if (parameter.requires_grad()) {
            largest = Math.max(largest, error(parameter.grad(), source, name));
          }
        }
      }
      return largest;
    }

    /** Largest difference over the largest value. */
    private static double error(Tensor tensor, Safetensors source, String name) {
      Tensor expected = tensor(source, name);
      double difference = tensor.sub(expected).abs().max().item_float();
      return difference == 0 ? 0 : difference / expected.abs().max().item_float();
    }

    private Tensor output() {
      return network.forward(state, time, secondTime, labels, augment);
    }

    private void backward(Tensor output) {
      output.backward(outputGradient, new BoolOptional(), false, new TensorArrayRefOptional());
    }

    @Override
    public Map<String, Runnable> tasks() {
      return Map.of(
          StepCase.FORWARD,
          this::forward,
          StepCase.STEP,
          this::step,
          StepCase.SAMPLE,
          this::sample);
    }

    @Override
    public Map<String, Double> facts() {
      return Map.of();
    }

    private void forward() {
      network.train(true);
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        output();
      }
    }

    private static float[][] rows(Safetensors source) {
      float[] flat = source.floats(StepCase.COEFFICIENTS);
      int width = StepCase.COEFFICIENTS_PER_STEP;
      float[][] rows = new float[flat.length / width][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
      }
      return rows;
    }

    /** x <- skip x + out G(in x; time, second time) for each step. */
    private Tensor drawn() {
      Tensor x = prior;
      for (float[] c : coefficients) {
        Tensor from = x;
        x = TorchNetwork.releasing(() -> stepped(from, c));
      }
      return x;
    }

    private Tensor stepped(Tensor x, float[] c) {
      Tensor output =
          network.forward(
              x.mul(new Scalar(c[0])),
              torch.full_like(time, new Scalar(c[1])),
              secondTime == null ? null : torch.full_like(time, new Scalar(c[2])),
              labels,
              null); // whoever samples wants no augmentation
      return x.mul(new Scalar(c[3])).add(output.mul(new Scalar(c[4])));
    }

    private void sample() {
      network.eval();
      try (PointerScope scope = new PointerScope();
          NoGradGuard guard = new NoGradGuard()) {
        drawn();
      }
    }

    private void step() {
      network.train(true);
      try (PointerScope scope = new PointerScope()) {
        network.zero_grad(true);
        backward(TorchNetwork.releasing(this::output));
      }
    }
  }
}
