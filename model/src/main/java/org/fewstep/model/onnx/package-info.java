/** Networks from ONNX files: run by ONNX Runtime, and written. */
@NullMarked
package org.fewstep.model.onnx;

import org.jspecify.annotations.NullMarked;
