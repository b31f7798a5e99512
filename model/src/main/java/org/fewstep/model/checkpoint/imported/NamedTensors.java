package org.fewstep.model.checkpoint.imported;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.pickle.TorchFile;
import org.fewstep.model.io.pickle.TorchTensor;

/** The tensors of an open file. */
interface NamedTensors {
  /** In the file's order. */
  Set<String> names();

  long[] shape(String name);

  /** The elements as float32, row-major, into {@code target} from {@code offset} on. */
  void read(String name, float[] target, int offset);

  static NamedTensors of(Safetensors file) {
    return new NamedTensors() {
      @Override
      public Set<String> names() {
        return file.names();
      }

      @Override
      public long[] shape(String name) {
        return file.shape(name);
      }

      @Override
      public void read(String name, float[] target, int offset) {
        file.readFloats(name, target, offset);
      }
    };
  }

  static NamedTensors of(TorchFile file, Map<String, TorchTensor> tensors) {
    Map<String, TorchTensor> known = new LinkedHashMap<>(tensors);
    return new NamedTensors() {
      @Override
      public Set<String> names() {
        return known.keySet();
      }

      @Override
      public long[] shape(String name) {
        return tensor(name).shape().clone();
      }

      @Override
      public void read(String name, float[] target, int offset) {
        float[] values = file.floats(tensor(name));
        System.arraycopy(values, 0, target, offset, values.length);
      }

      private TorchTensor tensor(String name) {
        TorchTensor tensor = known.get(name);
        if (tensor == null) {
          throw new IllegalArgumentException("there is no tensor " + name);
        }
        return tensor;
      }
    };
  }
}
