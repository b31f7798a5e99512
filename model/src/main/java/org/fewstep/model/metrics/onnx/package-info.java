/** Feature networks that users have as ONNX files. */
@NullMarked
package org.fewstep.model.metrics.onnx;

import org.jspecify.annotations.NullMarked;
