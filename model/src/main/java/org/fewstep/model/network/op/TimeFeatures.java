package org.fewstep.model.network.op;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How a time becomes a vector before the first layer sees it. */
public interface TimeFeatures {
  /** What it holds, none of it trained. */
  List<Parameter> parameters();

  /**
   * @param times [N,1]
   * @return [N,channels]
   */
  INDArray of(INDArray times);
}
