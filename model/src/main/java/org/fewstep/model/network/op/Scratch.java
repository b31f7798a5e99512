package org.fewstep.model.network.op;

/** Arrays of a thread, kept between calls; their content is whatever was written last. */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private float[] first = new float[0];
  private float[] second = new float[0];

  private Scratch() {}

  static float[] first(int length) {
    Scratch scratch = OF_THREAD.get();
    if (scratch.first.length < length) {
      scratch.first = new float[length];
    }
    return scratch.first;
  }

  static float[] second(int length) {
    Scratch scratch = OF_THREAD.get();
    if (scratch.second.length < length) {
      scratch.second = new float[length];
    }
    return scratch.second;
  }
}
