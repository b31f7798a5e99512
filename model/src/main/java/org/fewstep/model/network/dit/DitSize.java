package org.fewstep.model.network.dit;

/** The sizes of the DiT paper (Peebles, Xie 2023, table 1). */
public enum DitSize {
  S(384, 12, 6),
  B(768, 12, 12),
  L(1024, 24, 16),
  XL(1152, 28, 16);

  private final int hidden;
  private final int depth;
  private final int heads;

  DitSize(int hidden, int depth, int heads) {
    this.hidden = hidden;
    this.depth = depth;
    this.heads = heads;
  }

  /** Width of a token. */
  public int hidden() {
    return hidden;
  }

  /** Number of blocks. */
  public int depth() {
    return depth;
  }

  public int heads() {
    return heads;
  }
}
