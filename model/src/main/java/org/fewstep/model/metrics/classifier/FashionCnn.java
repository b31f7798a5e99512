package org.fewstep.model.metrics.classifier;

import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.graph.GraphNetwork;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A classifier of 28x28 grey images into ten classes, such as those of Fashion-MNIST (Xiao, Rasul,
 * Vollgraf, 2017), 0.46 million parameters, 6 million multiply-adds an image:
 *
 * <pre>
 * [N,1,28,28] conv 3x3 -> 32, max 2x2, ReLU      conv0
 *             conv 3x3 -> 64, max 2x2, ReLU      conv1
 *             conv 3x3 -> 64, ReLU               conv2
 *             linear 3136 -> 128, ReLU           features   [N,128]
 *             dropout, linear 128 -> 10          logits     [N,10]
 * </pre>
 *
 * <p>An instance belongs to one thread.
 */
final class FashionCnn {
  /** Its name in scores and in files. */
  static final String NAME = "fashion-cnn";

  static final ImageShape INPUT = new ImageShape(1, 28, 28);
  static final int CLASSES = 10;

  /** Length of a feature vector. */
  static final int FEATURES = 128;

  private static final int EVALUATION_BATCH_IMAGES = 100;
  private static final int NARROW = 32;
  private static final int WIDE = 64;
  private static final int FLAT = WIDE * (INPUT.height() / 4) * (INPUT.width() / 4);
  private static final String FEATURE_VERTEX = "features";
  private static final String LOGIT_VERTEX = "logits";

  private final GraphNetwork graph;

  private FashionCnn(GraphNetwork graph) {
    this.graph = graph;
  }

  /** A network whose parameters are not yet loaded. */
  static FashionCnn create(DataType type, double dropout) {
    GraphNetwork.Builder builder = new GraphNetwork.Builder("images", List.of());
    builder.add("conv0", () -> new ConvStage("conv0", INPUT.channels(), NARROW, true), "images");
    builder.add("conv1", () -> new ConvStage("conv1", NARROW, WIDE, true), "conv0");
    builder.add("conv2", () -> new ConvStage("conv2", WIDE, WIDE, false), "conv1");
    builder.add(FEATURE_VERTEX, () -> new FeatureLayer(FEATURE_VERTEX, FLAT, FEATURES), "conv2");
    builder.add(
        LOGIT_VERTEX,
        () -> new LogitLayer(LOGIT_VERTEX, FEATURES, CLASSES, dropout),
        FEATURE_VERTEX);
    return new FashionCnn(builder.build(LOGIT_VERTEX, type));
  }

  ParameterTable parameters() {
    return graph.table();
  }

  /** The graph inside, for those who need its live vectors. */
  GraphNetwork graph() {
    return graph;
  }

  void load(float[] flat) {
    graph.load(flat);
  }

  /**
   * Class scores before the softmax.
   *
   * @param images [n, 784] in [-1, 1]
   * @param dropout null to drop nothing
   * @return [n, 10] row-major
   */
  double[] logits(float[] images, int n, @Nullable DropoutKey dropout) {
    INDArray logits = graph.forward(new INDArray[] {input(images, n)}, dropout);
    return logits.reshape(logits.length()).toDoubleVector();
  }

  /**
   * Output of the penultimate layer.
   *
   * @param images [n, 784] in [-1, 1]
   * @return [n, 128] row-major
   */
  float[] features(float[] images, int n) {
    Map<String, INDArray> activations = graph.activations(new INDArray[] {input(images, n)});
    INDArray features = activations.get(FEATURE_VERTEX);
    if (features == null) {
      throw new IllegalStateException("the graph has no vertex " + FEATURE_VERTEX);
    }
    return features.reshape(features.length()).toFloatVector();
  }

  /** Gradient of the last {@link #logits}, by parameter: the flat vector of the graph. */
  INDArray backward(double[] logitGradient) {
    INDArray gradient =
        Nd4j.createFromArray(logitGradient)
            .reshape('c', logitGradient.length / CLASSES, CLASSES)
            .castTo(graph.type());
    graph.backward(gradient);
    return graph.gradients();
  }

  /** Share of the images whose greatest logit is that of their label. */
  double accuracy(ImageDataset dataset) {
    int size = INPUT.size();
    int correct = 0;
    for (int start = 0; start < dataset.count(); start += EVALUATION_BATCH_IMAGES) {
      int n = Math.min(EVALUATION_BATCH_IMAGES, dataset.count() - start);
      double[] image = new double[size];
      float[] images = new float[n * size];
      int[] labels = new int[n];
      for (int i = 0; i < n; i++) {
        dataset.read(start + i, image, 0);
        for (int j = 0; j < size; j++) {
          images[i * size + j] = (float) image[j];
        }
        labels[i] = dataset.label(start + i);
      }
      correct += SoftmaxCrossEntropy.of(logits(images, n, null), labels, 0).correct();
    }
    return correct / (double) dataset.count();
  }

  /**
   * Refuses a data set that cannot be classified.
   *
   * @throws UserException if it lacks labels, or has other images or more classes
   */
  static void checkTakes(ImageDataset dataset) {
    if (!dataset.shape().equals(INPUT) || dataset.classes() < 1 || dataset.classes() > CLASSES) {
      throw new UserException(
          "%s needs images of %s with labels of at most %d classes, the data set has %s with %s"
              .formatted(
                  NAME,
                  INPUT,
                  CLASSES,
                  dataset.shape(),
                  dataset.classes() == 0 ? "no labels" : dataset.classes() + " classes"));
    }
  }

  private INDArray input(float[] images, int n) {
    return Nd4j.createFromArray(images)
        .reshape('c', n, INPUT.channels(), INPUT.height(), INPUT.width())
        .castTo(graph.type());
  }
}
