package org.fewstep.model.metrics.inception;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.FeatureOutput;
import org.fewstep.model.network.op.NativeMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Inception-v3 as a feature network: 2048 pooled features, 2023 spatial ones (the first 7 channels
 * of mixed_6/conv at 17x17 positions, in TensorFlow's order: row, column, channel) and 1008 logits
 * without bias. The network always sees the same number of images at once, so that an image's
 * features do not depend on how many come with it. An instance belongs to one thread.
 */
public final class InceptionFeatures implements FeatureNetwork {
  private static final int BATCH_IMAGES = 4;
  private static final int SPATIAL_CHANNELS = 7;
  private static final int SPATIAL_SIZE = 17;
  private static final int SPATIAL = SPATIAL_CHANNELS * SPATIAL_SIZE * SPATIAL_SIZE;

  private final String weightsName;
  private final boolean standard;
  private final String description;
  private final Preparation preparation;
  private final ImageShape shape;
  private final InceptionGraph graph;
  private final INDArray classifier;
  private final INDArray batch =
      Nd4j.create(DataType.FLOAT, BATCH_IMAGES, 3, InceptionGraph.SIZE, InceptionGraph.SIZE);
  private final float[] prepared;

  /**
   * Features of images of one shape.
   *
   * @param weightsName the weights' name in scores
   * @param standard whether they are the standard ones
   * @param description of the weights, a sentence
   * @throws UserException if the images are neither grey nor of three channels
   */
  public InceptionFeatures(
      String weightsName,
      boolean standard,
      String description,
      InceptionWeights weights,
      Preparation preparation,
      ImageShape shape) {
    checkChannels(shape);
    this.weightsName = weightsName;
    this.standard = standard;
    this.description = description;
    this.preparation = preparation;
    this.shape = shape;
    this.graph = new InceptionGraph(weights);
    this.classifier =
        Nd4j.createFromArray(weights.classifier())
            .reshape('c', InceptionUnits.CLASSES, InceptionUnits.FEATURES);
    this.prepared = new float[3 * InceptionGraph.SIZE * InceptionGraph.SIZE];
  }

  static void checkChannels(ImageShape shape) {
    if (shape.channels() != 1 && shape.channels() != 3) {
      throw new UserException(
          "Inception takes images of 1 or 3 channels, but these have %d"
              .formatted(shape.channels()));
    }
  }

  @Override
  public String name() {
    return weightsName + "/" + preparation.label();
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public boolean isStandardInception() {
    return standard;
  }

  @Override
  public String label() {
    return standard ? preparation.label() : name();
  }

  @Override
  public int dimensions() {
    return InceptionUnits.FEATURES;
  }

  @Override
  public int dimensions(FeatureOutput output) {
    return switch (output) {
      case POOLED -> InceptionUnits.FEATURES;
      case SPATIAL -> SPATIAL;
      case LOGITS -> InceptionUnits.CLASSES;
    };
  }

  @Override
  public Set<FeatureOutput> outputs() {
    return EnumSet.allOf(FeatureOutput.class);
  }

  @Override
  public ImageShape input() {
    return shape;
  }

  @Override
  public float[] features(double[] images, int count) {
    float[] features = extract(images, count).get(FeatureOutput.POOLED);
    if (features == null) {
      throw new IllegalStateException();
    }
    return features;
  }

  @Override
  public Map<FeatureOutput, float[]> extract(double[] images, int count) {
    int size = shape.size();
    if (count < 0 || (long) count * size > images.length) {
      throw new IllegalArgumentException(
          "%d images do not fit into %d numbers".formatted(count, images.length));
    }
    float[] pooled = new float[count * InceptionUnits.FEATURES];
    float[] spatial = new float[count * SPATIAL];
    float[] logits = new float[count * InceptionUnits.CLASSES];
    float[] levels = new float[size];
    for (int start = 0; start < count; start += BATCH_IMAGES) {
      int n = Math.min(BATCH_IMAGES, count - start);
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < size; j++) {
          levels[j] = (float) ((images[(start + i) * size + j] + 1) * 127.5);
        }
        preparation.prepare(levels, shape, prepared, 0);
        NativeMemory.buffer(batch).put(i * prepared.length, prepared);
      }
      InceptionGraph.Ends ends = graph.forward(batch);
      INDArray means = ends.block3().mean(2, 3);
      copy(means, n, pooled, start * InceptionUnits.FEATURES);
      copy(means.mmul(classifier.transpose()), n, logits, start * InceptionUnits.CLASSES);
      copySpatial(ends.spatial(), n, spatial, start * SPATIAL);
    }
    Map<FeatureOutput, float[]> outputs = new EnumMap<>(FeatureOutput.class);
    outputs.put(FeatureOutput.POOLED, pooled);
    outputs.put(FeatureOutput.SPATIAL, spatial);
    outputs.put(FeatureOutput.LOGITS, logits);
    return outputs;
  }

  @Override
  public void close() {
    // Memory belongs to ND4J's garbage collection.
  }

  /** The first rows of a matrix. */
  private static void copy(INDArray matrix, int rows, float[] target, int offset) {
    float[] values = matrix.dup('c').reshape(matrix.length()).toFloatVector();
    System.arraycopy(values, 0, target, offset, rows * Math.toIntExact(matrix.size(1)));
  }

  private static void copySpatial(INDArray activations, int images, float[] target, int offset) {
    int channels = Math.toIntExact(activations.size(1));
    int plane = SPATIAL_SIZE * SPATIAL_SIZE;
    float[] planes = new float[SPATIAL_CHANNELS * plane];
    for (int image = 0; image < images; image++) {
      NativeMemory.buffer(activations).get(image * channels * plane, planes);
      for (int c = 0; c < SPATIAL_CHANNELS; c++) {
        for (int position = 0; position < plane; position++) {
          target[offset + image * SPATIAL + position * SPATIAL_CHANNELS + c] =
              planes[c * plane + position];
        }
      }
    }
  }
}
