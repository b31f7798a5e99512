package org.fewstep.model.io.pickle;

import java.util.List;

/** A Python tuple. It may contain itself, so it is compared by identity. */
public final class PyTuple {
  private final List<Object> items;

  PyTuple(List<Object> items) {
    this.items = items;
  }

  /** The items; not to be changed. */
  public List<Object> items() {
    return items;
  }
}
