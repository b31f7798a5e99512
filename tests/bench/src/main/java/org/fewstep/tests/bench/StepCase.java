package org.fewstep.tests.bench;

/** Names in the file through which both sides get the same weights, inputs and expectations. */
public final class StepCase {
  /** The file, in the folder that both sides are given. */
  public static final String FILE = "case.safetensors";

  /** The network's description as JSON, in the same folder. */
  public static final String NETWORK = "network.json";

  public static final String STATE = "bench.state";
  public static final String TIME = "bench.time";
  public static final String SECOND_TIME = "bench.second_time";
  public static final String LABELS = "bench.labels";
  public static final String AUGMENT = "bench.augment";
  public static final String OUTPUT = "bench.output";
  public static final String OUTPUT_GRADIENT = "bench.output_gradient";

  /** Before the name of a parameter: the loss's gradient with respect to it. */
  public static final String GRADIENT = "bench.gradient.";

  /** Noise that sampling starts from. */
  public static final String PRIOR = "bench.prior";

  /** [steps, {@link #COEFFICIENTS_PER_STEP}]: in, time, second time, skip and out of each step. */
  public static final String COEFFICIENTS = "bench.coefficients";

  public static final int COEFFICIENTS_PER_STEP = 5;

  /** The images that sampling ends with. */
  public static final String SAMPLE_OUTPUT = "bench.sample_output";

  /** Task: images from {@link #PRIOR} by the pushforward sampler. */
  public static final String SAMPLE = "sample";

  /** Fact of the other side: largest relative error of the sampled images, in the max norm. */
  public static final String SAMPLE_ERROR = "sample_error";

  /** Task: the network's output, nothing kept. */
  public static final String FORWARD = "forward";

  /** Task: the output and then the gradient of all parameters. */
  public static final String STEP = "step";

  /** Task of our side: {@link #SGEMM_SIZE} cubed multiplications and additions. */
  public static final String SGEMM = "sgemm";

  public static final int SGEMM_SIZE = 1024;

  /** Fact of our side: number of parameters. */
  public static final String PARAMETERS = "parameters";

  /** Fact of our side: floating point operations of a forward. */
  public static final String FORWARD_FLOPS = "forward_flops";

  /** Fact of the other side: largest relative error of the output, in the max norm. */
  public static final String OUTPUT_ERROR = "output_error";

  /** Fact of the other side: largest relative error of a parameter's gradient, in the max norm. */
  public static final String GRADIENT_ERROR = "gradient_error";

  private StepCase() {}
}
