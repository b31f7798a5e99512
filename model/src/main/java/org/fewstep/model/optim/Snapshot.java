package org.fewstep.model.optim;

/** Parameters of a set, live or averaged, as they were at one version. Immutable. */
public final class Snapshot {
  /** In place of a track's name: the parameters themselves. */
  public static final String LIVE = "live";

  private final String set;
  private final String track;
  private final long version;
  private final long images;
  private final float[] parameters;

  /** Copies the parameters. */
  public Snapshot(String set, String track, long version, long images, float[] parameters) {
    this.set = set;
    this.track = track;
    this.version = version;
    this.images = images;
    this.parameters = parameters.clone();
  }

  /** Name of the parameter set. */
  public String set() {
    return set;
  }

  /** Name of the EMA track, or {@link #LIVE}. */
  public String track() {
    return track;
  }

  /** Updates that had been applied. */
  public long version() {
    return version;
  }

  /** Images that had been seen. */
  public long images() {
    return images;
  }

  /** Number of parameters. */
  public int size() {
    return parameters.length;
  }

  /** A copy of the parameters. */
  public float[] parameters() {
    return parameters.clone();
  }

  /** Copies the parameters {@code from .. from+count} to {@code target} at {@code offset}. */
  public void copyTo(int from, float[] target, int offset, int count) {
    System.arraycopy(parameters, from, target, offset, count);
  }
}
