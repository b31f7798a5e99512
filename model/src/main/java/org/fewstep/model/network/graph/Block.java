package org.fewstep.model.network.graph;

import java.util.List;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.op.Parameter;
import org.fewstep.model.network.op.StepMemory;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What one vertex of a graph computes. Results live in memory that the block owns and that its next
 * call overwrites.
 */
public interface Block {
  /** Its parameters in the order in which they lie in the flat vector. */
  List<Parameter> parameters();

  /**
   * @param inputs one array per incoming edge
   * @param dropout key of the masks, null in evaluation mode
   */
  INDArray forward(INDArray[] inputs, @Nullable DropoutKey dropout);

  /**
   * Of the last forward; writes the gradients of the parameters.
   *
   * @param outputGradient may be overwritten
   * @return one gradient per incoming edge, each in memory of its own since the graph adds to them;
   *     null where an input needs none
   */
  @Nullable INDArray[] backward(INDArray outputGradient);

  /**
   * Counts the memory of both.
   *
   * @param inputs shape of one array per incoming edge
   * @return shape of the output
   * @throws UnsupportedOperationException for blocks whose memory nobody asks for
   */
  default long[] countMemory(StepMemory memory, List<long[]> inputs) {
    throw new UnsupportedOperationException(getClass().getSimpleName());
  }
}
