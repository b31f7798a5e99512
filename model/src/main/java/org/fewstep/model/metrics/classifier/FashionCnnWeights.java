package org.fewstep.model.metrics.classifier;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.network.ParameterTable;
import org.nd4j.linalg.api.buffer.DataType;

/** Trained parameters of the classifier with what is known of their training. Immutable. */
public final class FashionCnnWeights {
  private static final String KIND_KEY = "kind";

  private final float[] parameters;
  private final Map<String, String> metadata;

  FashionCnnWeights(float[] parameters, Map<String, String> metadata) {
    this.parameters = parameters.clone();
    this.metadata = Map.copyOf(metadata);
  }

  /** Whether a file says that it holds such weights; false also for one of another format. */
  public static boolean recognises(Path file) {
    try (Safetensors tensors = Safetensors.open(file)) {
      return FashionCnn.NAME.equals(tensors.metadata().get(KIND_KEY));
    } catch (UserException e) {
      return false;
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws UserException if the file is damaged or holds something else, or NaN or an infinity
   */
  public static FashionCnnWeights read(Path file) {
    try (Safetensors tensors = Safetensors.open(file)) {
      if (!FashionCnn.NAME.equals(tensors.metadata().get(KIND_KEY))) {
        throw new UserException(
            "%s is no feature network: its metadata lack kind = %s, which './fewstep features train"
                    .formatted(file, FashionCnn.NAME)
                + " %s' writes".formatted(FashionCnn.NAME));
      }
      ParameterTable table = FashionCnn.create(DataType.FLOAT, 0).parameters();
      float[] parameters = new float[table.length()];
      for (ParameterTable.Entry entry : table.entries()) {
        long[] shape = tensors.shape(entry.name());
        if (!Arrays.equals(shape, entry.shape())) {
          throw new UserException(
              "%s holds %s of shape %s, %s needs %s"
                  .formatted(
                      file,
                      entry.name(),
                      Arrays.toString(shape),
                      FashionCnn.NAME,
                      Arrays.toString(entry.shape())));
        }
        tensors.readFloats(entry.name(), parameters, Math.toIntExact(entry.offset()));
      }
      table.checkFinite(parameters, file, "");
      return new FashionCnnWeights(parameters, tensors.metadata());
    }
  }

  /**
   * Writes a safetensors file.
   *
   * @throws UserException if the disk refuses
   */
  public void write(Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (ParameterTable.Entry entry : FashionCnn.create(DataType.FLOAT, 0).parameters().entries()) {
      tensors.put(
          entry.name(), Tensor.slice(parameters, Math.toIntExact(entry.offset()), entry.shape()));
    }
    Map<String, String> header = new LinkedHashMap<>();
    header.put(KIND_KEY, FashionCnn.NAME);
    metadata.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(entry -> header.putIfAbsent(entry.getKey(), entry.getValue()));
    Safetensors.write(file, tensors, header);
  }

  /**
   * How they were made: {@code test_accuracy}, {@code epochs}, {@code batch}, {@code
   * learning_rate}, {@code label_smoothing}, {@code dropout}, {@code seed}, {@code training_set}
   * and {@code test_set} (fingerprints).
   */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Share of a labelled data set's images that are classified correctly.
   *
   * @throws UserException if the set is not of the kind that the classifier takes
   */
  public double accuracy(ImageDataset dataset) {
    FashionCnn.checkTakes(dataset);
    return network().accuracy(dataset);
  }

  /** A fresh network with these parameters. */
  FashionCnn network() {
    FashionCnn network = FashionCnn.create(DataType.FLOAT, 0);
    network.load(parameters);
    return network;
  }
}
