package org.fewstep.model.verify;

import java.nio.file.Path;
import java.util.Arrays;
import org.fewstep.model.checkpoint.ModelSpec;
import org.fewstep.model.checkpoint.Weights;
import org.fewstep.model.checkpoint.imported.ImportedWeights;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.network.ParameterTable;

/** Compares an official pickle with the weights beside it, which must agree bit for bit. */
final class PickleCheck {
  private PickleCheck() {}

  static Check of(String set, Path pickle, ModelSpec spec, Safetensors weights) {
    ImportedWeights imported = ImportedWeights.read(pickle, ImportedWeights.Hints.NONE);
    if (!imported.spec().equals(spec)) {
      return new Check(set, "pickle", Double.POSITIVE_INFINITY, 0, ModelSpec.METADATA_KEY);
    }
    MaxRelativeError error = new MaxRelativeError();
    for (ParameterTable.Entry entry : imported.table().entries()) {
      int offset = Math.toIntExact(entry.offset());
      String name = Weights.PREFIX + entry.name();
      float[] ours = Arrays.copyOfRange(imported.flat(), offset, offset + entry.length());
      error.add(name, doubles(ours), weights.doubles(name));
    }
    return error.check(set, "pickle", 0);
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }
}
