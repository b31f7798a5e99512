package org.fewstep.model.network.op;

import java.util.List;
import org.fewstep.model.network.Initialiser;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of a table [rows,D] chosen by one-hot numbers [N,rows]: [N,D]. */
public final class LookupTable {
  private final int width;
  private final Parameter table;
  private final Buffer output = new Buffer();
  private @Nullable INDArray chosen;

  public LookupTable(String name, int rows, int width, Initialiser initialiser) {
    this.width = width;
    this.table = new Parameter(name + ".weight", initialiser, rows, width);
  }

  public List<Parameter> parameters() {
    return List.of(table);
  }

  public INDArray forward(INDArray oneHot) {
    chosen = oneHot;
    INDArray y = output.of(oneHot.dataType(), oneHot.size(0), width);
    ComposedLinear.matmul(oneHot, table.value(), y, false, false);
    return y;
  }

  /** The table's gradient. */
  public void backwardParameters(INDArray dy) {
    ComposedLinear.matmul(Saved.of(chosen), dy, table.gradient(), true, false);
  }

  /** Counts the memory of forward; returns the shape of the output. */
  public long[] countMemory(StepMemory memory, long rows) {
    return memory.keep(rows, width);
  }
}
