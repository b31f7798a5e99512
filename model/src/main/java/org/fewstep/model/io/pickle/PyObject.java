package org.fewstep.model.io.pickle;

import java.util.List;

/** An object of a class that is only looked at: its name, and what its state was when written. */
public final class PyObject {
  private final String className;
  private final List<Object> arguments;
  private Object state = PyNone.NONE;

  public PyObject(String className, List<Object> arguments) {
    this.className = className;
    this.arguments = arguments;
  }

  /** Module and class: {@code __torch__.Inception}. */
  public String className() {
    return className;
  }

  /** What it was made from. */
  public List<Object> arguments() {
    return arguments;
  }

  /** Most often a map of its attributes; {@link PyNone} if there is none. */
  public Object state() {
    return state;
  }

  void setState(Object state) {
    this.state = state;
  }
}
