package org.fewstep.model.network.op;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc_base;
import org.bytedeco.dnnl.stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * oneDNN called directly instead of through ND4J's operations, for float32 on the CPU.
 *
 * <p>ND4J's convolutions copy every argument into oneDNN's layout and every result back, and have
 * no say in how oneDNN multiplies. Called directly, it leaves activations in its own layout ({@link
 * ChannelBlocks}) from one layer to the next, and convolves by Winograd's method (Lavin, Gray,
 * "Fast algorithms for convolutional neural networks", CVPR 2016) where it can. Version 2.7 is the
 * last that has this method.
 */
final class Dnnl {
  private static final engine ENGINE = new engine(engine.kind.cpu, 0);

  /** What operations of a thread work in, one after the other. */
  private static final ThreadLocal<Buffer> LENT = ThreadLocal.withInitial(Buffer::ofOneUser);

  /** Where a call's weights lie in a layout of oneDNN's own, those of one call after another. */
  private static final ThreadLocal<Buffer> WEIGHTS = ThreadLocal.withInitial(Buffer::ofOneUser);

  private Dnnl() {}

  /** Memory for so many numbers until the next call of this thread asks for some. */
  static INDArray lentWeights(long length) {
    return WEIGHTS.get().of(DataType.FLOAT, length);
  }

  /** Whether this processor has the instructions that blocks of 16 channels are made for. */
  static boolean hasWideVectors() {
    return Wide.PRESENT;
  }

  /** Asked once, and not before somebody wants to know. */
  private static final class Wide {
    static final boolean PRESENT = ask(() -> dnnl.get_effective_cpu_isa().value);

    private static boolean ask(Supplier<Integer> instructions) {
      int avx512 = dnnl.cpu_isa.avx512_core.value;
      return (instructions.get() & avx512) == avx512;
    }
  }

  static engine engine() {
    return ENGINE;
  }

  /** A tensor's description in one of oneDNN's layouts. */
  static memory.desc describe(memory.format_tag layout, long... shape) {
    return new memory.desc(shape, memory.data_type.f32, layout);
  }

  /**
   * Lets the caller lend an operation the memory it works in: oneDNN's own belongs to the thread
   * that made the operation, and no other may use it.
   */
  static primitive_attr lentMemory() {
    primitive_attr attributes = new primitive_attr();
    attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
    return attributes;
  }

  /**
   * Describes a convolution by Winograd's method, or by whichever oneDNN thinks best where that is
   * not wanted or not there: on a processor without AVX-512, or for an odd shape.
   *
   * @param winograd whether it is wanted
   */
  static <T> T withFewestMultiplications(
      boolean winograd, Function<dnnl.algorithm, T> description) {
    if (winograd) {
      try {
        return description.apply(dnnl.algorithm.convolution_winograd);
      } catch (RuntimeException notThere) {
        // The other way, then.
      }
    }
    return description.apply(dnnl.algorithm.convolution_auto);
  }

  /** An operation with its arguments; their memory is named at each call. */
  static final class Call {
    private final primitive operation;
    private final stream queue = new stream(ENGINE);
    private final IntMemoryMap arguments = new IntMemoryMap();
    private final List<Argument> named = new ArrayList<>();
    private final @Nullable Argument lent;

    /**
     * @param description of the operation, made with {@link #lentMemory}
     */
    Call(primitive operation, primitive_desc_base description) {
      this.operation = operation;
      memory.desc needed = description.scratchpad_desc();
      this.lent = needed.get_size() == 0 ? null : argument(dnnl.DNNL_ARG_SCRATCHPAD, needed);
    }

    /** Adds an argument; returns it. */
    Argument argument(int index, memory.desc description) {
      Argument argument = new Argument(description);
      arguments.put(index, argument.memory);
      named.add(argument);
      return argument;
    }

    void execute() {
      if (lent != null) {
        long floats = (lent.description().get_size() + Float.BYTES - 1) / Float.BYTES;
        lent.at(LENT.get().of(DataType.FLOAT, floats));
      }
      try {
        operation.execute(queue, arguments);
        queue._wait();
      } finally {
        for (Argument argument : named) {
          Reference.reachabilityFence(argument.array);
        }
      }
    }
  }

  /** One tensor of a call. */
  static final class Argument {
    private final memory memory;
    private final memory.desc description;
    private @Nullable INDArray array;
    private long address;

    private Argument(memory.desc description) {
      this.description = description;
      this.memory = new memory(description, ENGINE, null);
    }

    memory.desc description() {
      return description;
    }

    /**
     * Says where it lies, until it is said again. The array is kept: ND4J frees memory that nobody
     * knows any more.
     */
    void at(INDArray place) {
      array = place;
      long now = NativeMemory.address(place);
      if (now != address) {
        memory.set_data_handle(NativeMemory.pointer(place));
        address = now;
      }
    }
  }

  /** Copies a tensor from one layout to another. */
  static final class Reorder {
    private final Call call;
    private final Argument from;
    private final Argument to;

    Reorder(memory.desc fromLayout, memory.desc toLayout) {
      org.bytedeco.dnnl.reorder.primitive_desc description =
          new org.bytedeco.dnnl.reorder.primitive_desc(
              ENGINE, fromLayout, ENGINE, toLayout, lentMemory(), false);
      call = new Call(new org.bytedeco.dnnl.reorder(description), description);
      from = call.argument(dnnl.DNNL_ARG_FROM, fromLayout);
      to = call.argument(dnnl.DNNL_ARG_TO, toLayout);
    }

    void copy(INDArray source, INDArray target) {
      from.at(source);
      to.at(target);
      call.execute();
    }

    /** The reorder between two layouts; null where they are the same. */
    static @Nullable Reorder between(memory.desc fromLayout, memory.desc toLayout) {
      return fromLayout.equals(toLayout) ? null : new Reorder(fromLayout, toLayout);
    }
  }
}
