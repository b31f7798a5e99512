package org.fewstep.model.verify;

import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.Network;
import org.fewstep.model.sampler.Sampler;

/** Golden values of a step model: {@code y = f_{s,t}(x)}, pushforward and restart samples. */
final class GoldenStepModel implements GoldenModel {
  private final StepModel model;
  private final double tMin;
  private final double tMax;

  GoldenStepModel(StepModel model, double tMin, double tMax) {
    this.model = model;
    this.tMin = tMin;
    this.tMax = tMax;
  }

  @Override
  public Network network() {
    return model.network();
  }

  @Override
  public double[] apply(Safetensors io) {
    return model.apply(
        io.doubles("x"),
        io.doubles("t"),
        io.doubles("s"),
        GoldenModel.optional(io, "labels"),
        GoldenModel.optional(io, "augment_labels"),
        null);
  }

  @Override
  public void backward(double[] outputGradient, float[] gradient) {
    model.backward(outputGradient, gradient);
  }

  @Override
  public boolean sample(Safetensors file, MaxRelativeError error) {
    boolean any = false;
    for (String name : file.names()) {
      if ((name.startsWith("pushforward.") || name.startsWith("restart."))
          && !name.contains(".noise_")) {
        error.add(name, sample(file, name), file.doubles(name));
        any = true;
      }
    }
    return any;
  }

  private double[] sample(Safetensors file, String name) {
    SampleName asked = SampleName.parse(name);
    double[] times = asked.grid().times(model.settings().schedule(), tMin, tMax, asked.steps());
    Sampler.Request request =
        new Sampler.Request(
            GoldenModel.optional(file, "labels"),
            asked.guidance(),
            restart -> file.doubles(name + ".noise_" + restart));
    return asked.sampler().sample(model, file.doubles("latents"), times, request);
  }

  @Override
  public void close() {
    model.close();
  }
}
