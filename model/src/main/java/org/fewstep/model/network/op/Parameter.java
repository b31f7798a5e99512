package org.fewstep.model.network.op;

import java.util.Arrays;
import org.fewstep.model.network.Initialiser;
import org.fewstep.model.network.ParameterTable.Role;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A tensor of an operation: a view into the network's flat parameter and gradient vectors. */
public final class Parameter {
  private final String name;
  private final long[] shape;
  private final Initialiser initialiser;
  private final Role role;
  private @Nullable INDArray value;
  private @Nullable INDArray gradient;

  public Parameter(String name, Initialiser initialiser, long... shape) {
    this(Role.TRAINED, name, initialiser, shape);
  }

  private Parameter(Role role, String name, Initialiser initialiser, long... shape) {
    this.role = role;
    this.name = name;
    this.initialiser = initialiser;
    this.shape = shape;
  }

  /** A tensor that keeps its first values: nobody writes its gradient, which stays 0. */
  public static Parameter untrained(
      Role role, String name, Initialiser initialiser, long... shape) {
    return new Parameter(role, name, initialiser, shape);
  }

  public String name() {
    return name;
  }

  public long[] shape() {
    return shape.clone();
  }

  public Initialiser initialiser() {
    return initialiser;
  }

  public Role role() {
    return role;
  }

  public long length() {
    return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
  }

  /** Takes its place in the flat parameter vector. */
  public void bindValue(INDArray flat, long offset) {
    value = view(flat, offset);
  }

  /** Takes its place in the flat gradient vector. */
  public void bindGradient(INDArray flat, long offset) {
    gradient = view(flat, offset);
  }

  private INDArray view(INDArray flat, long offset) {
    return flat.reshape(flat.length())
        .get(NDArrayIndex.interval(offset, offset + length()))
        .reshape('c', shape);
  }

  public INDArray value() {
    if (value == null) {
      throw new IllegalStateException(name + " is not bound to a parameter vector");
    }
    return value;
  }

  /** Where backward writes; overwritten, never accumulated. */
  public INDArray gradient() {
    if (gradient == null) {
      throw new IllegalStateException(name + " is not bound to a gradient vector");
    }
    return gradient;
  }
}
