package org.fewstep.tests.bench.libtorch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Module;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A network out of libtorch's modules, with the official names of its parameters. */
abstract class TorchNetwork extends Module {
  /** libtorch calls back into a module's Java object and does not keep it alive. */
  private static final List<Module> GROUPS = new ArrayList<>();

  /** A module that only gives its children a name. */
  static Module group(Module parent, String name) {
    Module group = parent.register_module(name, new Module());
    GROUPS.add(group);
    return group;
  }

  /**
   * Gives back everything that a part of a network has allocated but its result and what autograd
   * keeps, as C++ does when its variables go out of scope.
   */
  static Tensor releasing(Supplier<Tensor> part) {
    PointerScope around = PointerScope.getInnerScope();
    if (around == null) {
      throw new IllegalStateException("nobody would give the result back");
    }
    try (PointerScope inside = new PointerScope()) {
      Tensor result = part.get();
      around.attach(result); // counts one user more than the scope that ends here
      return result;
    }
  }

  /**
   * @param x [N,C,H,W]
   * @param time [N]
   * @param labels one-hot rows [N, classes]
   * @param augment [N, augmentDim]
   */
  abstract Tensor forward(
      Tensor x,
      Tensor time,
      @Nullable Tensor secondTime,
      @Nullable Tensor labels,
      @Nullable Tensor augment);
}
