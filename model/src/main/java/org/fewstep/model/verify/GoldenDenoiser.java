package org.fewstep.model.verify;

import org.fewstep.config.UserException;
import org.fewstep.model.interpolant.EdmDenoiser;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.Network;
import org.fewstep.model.sampler.HeunSampler;

/** Golden values of EDM's denoiser: {@code y = D(x; sigma)} and Heun's samples. */
final class GoldenDenoiser implements GoldenModel {
  private static final String HEUN = "heun.";

  private final EdmDenoiser denoiser;

  GoldenDenoiser(EdmDenoiser denoiser) {
    this.denoiser = denoiser;
  }

  @Override
  public Network network() {
    return denoiser.network();
  }

  @Override
  public double[] apply(Safetensors io) {
    return denoiser.apply(
        io.doubles("x"),
        io.doubles("sigma"),
        GoldenModel.optional(io, "labels"),
        GoldenModel.optional(io, "augment_labels"),
        null);
  }

  @Override
  public void backward(double[] outputGradient, float[] gradient) {
    denoiser.backward(outputGradient, gradient);
  }

  @Override
  public boolean sample(Safetensors file, MaxRelativeError error) {
    boolean any = false;
    for (String name : file.names()) {
      if (name.startsWith(HEUN)) {
        HeunSampler.Request request =
            new HeunSampler.Request(
                GoldenModel.optional(file, "labels"),
                null,
                step -> {
                  throw new IllegalStateException("a sampler without churn draws no noise");
                });
        double[] image =
            HeunSampler.DETERMINISTIC.sample(
                denoiser, file.doubles("latents"), steps(name), request);
        error.add(name, image, file.doubles(name));
        any = true;
      }
    }
    return any;
  }

  private static int steps(String name) {
    try {
      return Integer.parseInt(name.substring(HEUN.length()));
    } catch (NumberFormatException e) {
      throw new UserException("the golden sample '" + name + "' has a name that is not known", e);
    }
  }

  @Override
  public void close() {
    denoiser.close();
  }
}
