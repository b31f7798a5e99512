package org.fewstep.model.network;

import org.fewstep.model.data.ImageShape;
import org.jspecify.annotations.Nullable;

/**
 * A trainable function G(state, t, s, labels) with one flat parameter vector and one flat gradient
 * vector.
 *
 * <p>{@link #backward} belongs to the last {@link #forward}: each forward overwrites what the
 * previous one saved. An instance belongs to one thread.
 */
public interface Network extends AutoCloseable {
  ImageShape shape();

  /** Number of classes it is conditioned on, 0 for none. */
  int classes();

  /** Length of the augmentation labels, 0 for none. */
  int augmentDim();

  /** Whether it takes a second time. */
  boolean hasSecondTime();

  /** Whether it drops out anything in training mode. */
  boolean dropsOut();

  ParameterTable parameters();

  /** Replaces all parameters; {@code flat} has {@code parameters().length()} elements. */
  void load(float[] flat);

  /**
   * Computes G.
   *
   * @param dropout key of the dropout masks in training mode: two calls with one key share their
   *     masks; null for evaluation mode, without dropout
   * @return [N*C*H*W], row-major, a fresh array
   */
  double[] forward(NetworkInput input, @Nullable DropoutKey dropout);

  /**
   * Computes d loss / d parameters of the last forward.
   *
   * @param outputGradient d loss / d G, [N*C*H*W]
   * @param gradient receives {@code parameters().length()} elements, overwritten
   */
  void backward(double[] outputGradient, float[] gradient);

  @Override
  void close();
}
