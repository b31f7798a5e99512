package org.fewstep.model.network;

import org.fewstep.model.data.ImageShape;
import org.jspecify.annotations.Nullable;

/** A network that knows how much time was spent in it. */
public final class TimedNetwork implements Network {
  private final Network network;
  private long forwardNanos;
  private long backwardNanos;

  public TimedNetwork(Network network) {
    this.network = network;
  }

  /** Time spent in all calls of {@link #forward}. */
  public long forwardNanos() {
    return forwardNanos;
  }

  /** Time spent in all calls of {@link #backward}. */
  public long backwardNanos() {
    return backwardNanos;
  }

  @Override
  public ImageShape shape() {
    return network.shape();
  }

  @Override
  public int classes() {
    return network.classes();
  }

  @Override
  public int augmentDim() {
    return network.augmentDim();
  }

  @Override
  public boolean hasSecondTime() {
    return network.hasSecondTime();
  }

  @Override
  public boolean dropsOut() {
    return network.dropsOut();
  }

  @Override
  public ParameterTable parameters() {
    return network.parameters();
  }

  @Override
  public void load(float[] flat) {
    network.load(flat);
  }

  @Override
  public double[] forward(NetworkInput input, @Nullable DropoutKey dropout) {
    long start = System.nanoTime();
    try {
      return network.forward(input, dropout);
    } finally {
      forwardNanos += System.nanoTime() - start;
    }
  }

  @Override
  public void backward(double[] outputGradient, float[] gradient) {
    long start = System.nanoTime();
    try {
      network.backward(outputGradient, gradient);
    } finally {
      backwardNanos += System.nanoTime() - start;
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
