package org.fewstep.model.metrics.inception;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.metrics.FeatureNetwork;
import org.fewstep.model.metrics.inception.InceptionTensors.Stored;
import org.fewstep.model.network.op.NativeMemory;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Inception-v3 up to Keras' mixed5 (PyTorch's Mixed_6c), averaged over the image: 768 features. A
 * stand-in for those who have no file of the standard weights: its weights come from the npm
 * package nsfwjs, whose layers up to there are ImageNet's, rounded to 8 bits. Images are resized
 * bilinearly between pixel centres and scaled to [-1, 1]. Its distance is no FID.
 */
public final class TrunkFeatures implements FeatureNetwork {
  /** What its file says that it is. */
  public static final String KIND = "nsfwjs-inception";

  private static final String NAME = "inception-v3-nsfwjs/mixed5";
  private static final String KIND_KEY = "kind";
  private static final int FEATURES = 768;
  private static final int BATCH_IMAGES = 4;

  private final ImageShape shape;
  private final InceptionGraph graph;

  private TrunkFeatures(ImageShape shape, InceptionGraph graph) {
    this.shape = shape;
    this.graph = graph;
  }

  /** Whether a file says that it holds such weights; false also for one of another format. */
  public static boolean recognises(Path file) {
    try (Safetensors tensors = Safetensors.open(file)) {
      return KIND.equals(tensors.metadata().get(KIND_KEY));
    } catch (UserException e) {
      return false;
    }
  }

  /** What a file's header must say. */
  public static Map<String, String> metadata() {
    return Map.of(KIND_KEY, KIND);
  }

  /**
   * Opens weights for images of one shape.
   *
   * @throws UserException if the file is damaged, or the images have neither 1 nor 3 channels
   */
  public static TrunkFeatures open(Path file, ImageShape shape) {
    InceptionFeatures.checkChannels(shape);
    try (Safetensors safetensors = Safetensors.open(file)) {
      Map<String, Stored> tensors = new LinkedHashMap<>();
      for (String name : safetensors.names()) {
        tensors.put(name, new Stored(safetensors.shape(name), () -> safetensors.floats(name)));
      }
      return new TrunkFeatures(
          shape,
          new InceptionGraph(
              InceptionWeights.foldTrunk(InceptionTensors.ofTrunk(file.toString(), tensors))));
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String description() {
    return "Inception up to mixed5 with ImageNet's weights of nsfwjs 4.4.0 in 8 bits; its distances"
        + " do not compare with FID";
  }

  @Override
  public int dimensions() {
    return FEATURES;
  }

  @Override
  public ImageShape input() {
    return shape;
  }

  @Override
  public float[] features(double[] images, int count) {
    int size = shape.size();
    float[] features = new float[count * FEATURES];
    INDArray batch =
        Nd4j.create(DataType.FLOAT, BATCH_IMAGES, 3, InceptionGraph.SIZE, InceptionGraph.SIZE);
    for (int start = 0; start < count; start += BATCH_IMAGES) {
      int n = Math.min(BATCH_IMAGES, count - start);
      float[] levels = new float[n * size];
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (float) ((images[start * size + i] + 1) * 127.5);
      }
      NativeMemory.buffer(batch).put(0, Preparation.PYTORCH_FID.prepare(levels, n, shape));
      INDArray means = graph.trunk(batch).mean(2, 3);
      float[] values = means.dup('c').reshape(means.length()).toFloatVector();
      System.arraycopy(values, 0, features, start * FEATURES, n * FEATURES);
    }
    return features;
  }

  @Override
  public void close() {
    // Memory belongs to ND4J's garbage collection.
  }
}
