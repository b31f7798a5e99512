package org.fewstep.model.metrics.classifier;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.Unit;
import org.fewstep.model.data.UnitReader;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.optim.LearningRate;
import org.fewstep.model.optim.Optimizer;
import org.fewstep.model.optim.Optimizers;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Trains the classifier: Adam with a learning rate that falls linearly to 0, images mirrored at
 * random and moved by up to two pixels, labels smoothed. Equal data and settings on as many threads
 * give equal weights.
 */
public final class FashionCnnTrainer {
  private static final int MAX_SHIFT_PIXELS = 2;
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  /**
   * What may be chosen.
   *
   * @param epochs passes over the training set
   * @param batch images a step
   * @param learningRate at the start
   * @param labelSmoothing probability shared among all classes, in [0, 1)
   * @param dropout probability with which a feature is dropped, in [0, 1)
   * @param seed of the first weights, the order and changes of images, and dropout
   */
  public record Settings(
      int epochs,
      int batch,
      double learningRate,
      double labelSmoothing,
      double dropout,
      long seed) {
    /** Those that the shipped weights were trained with. */
    public static final Settings STANDARD = new Settings(20, 100, 1e-3, 0.1, 0.3, 0);

    public Settings {
      if (epochs < 1
          || batch < 1
          || !(learningRate > 0)
          || !(labelSmoothing >= 0 && labelSmoothing < 1)
          || !(dropout >= 0 && dropout < 1)) {
        throw new IllegalArgumentException(
            "epochs %d, batch %d, learning rate %s, label smoothing %s, dropout %s"
                .formatted(epochs, batch, learningRate, labelSmoothing, dropout));
      }
    }

    public Settings withEpochs(int other) {
      return new Settings(other, batch, learningRate, labelSmoothing, dropout, seed);
    }

    public Settings withSeed(long other) {
      return new Settings(epochs, batch, learningRate, labelSmoothing, dropout, other);
    }
  }

  /**
   * Where training stands after an epoch.
   *
   * @param epoch counted from 1
   * @param loss mean over the epoch's images as they were changed, with dropout
   * @param testAccuracy share of the test images classified correctly
   * @param seconds since training began
   */
  public record Progress(int epoch, int epochs, double loss, double testAccuracy, double seconds) {}

  private final ImageDataset training;
  private final ImageDataset test;
  private final Settings settings;
  private final FashionCnn network;
  private final float[] parameters;
  private final Optimizer optimizer;
  private final UnitReader reader;
  private final LearningRate learningRate;
  private final int stepsPerEpoch;

  /**
   * Prepares a training.
   *
   * @param test labelled images that measure progress and change nothing
   * @throws UserException if a set is not of 1x28x28 images with at most ten classes
   */
  public FashionCnnTrainer(ImageDataset training, ImageDataset test, Settings settings) {
    FashionCnn.checkTakes(training);
    FashionCnn.checkTakes(test);
    this.training = training;
    this.test = test;
    this.settings = settings;
    network = FashionCnn.create(DataType.FLOAT, settings.dropout);
    parameters = network.parameters().initialise(settings.seed);
    optimizer = Optimizers.adam(parameters.length, BETA1, BETA2, EPSILON, 0);
    reader = new UnitReader(training, settings.seed, settings.batch, true);
    stepsPerEpoch = (training.count() + settings.batch - 1) / settings.batch;
    long images = (long) settings.epochs * stepsPerEpoch * settings.batch;
    learningRate = new LearningRate(settings.learningRate, 0, images, images);
  }

  /**
   * Trains from the beginning to the end; to be called once.
   *
   * @param listener called after each epoch
   */
  public FashionCnnWeights train(Consumer<Progress> listener) {
    long start = System.nanoTime();
    double accuracy = 0;
    network.load(parameters);
    for (int epoch = 0; epoch < settings.epochs; epoch++) {
      double loss = 0;
      for (int i = 0; i < stepsPerEpoch; i++) {
        loss += step((long) epoch * stepsPerEpoch + i) / stepsPerEpoch;
      }
      accuracy = network.accuracy(test);
      double seconds = (System.nanoTime() - start) / 1e9;
      listener.accept(new Progress(epoch + 1, settings.epochs, loss, accuracy, seconds));
    }
    return new FashionCnnWeights(parameters, metadata(accuracy));
  }

  /** Returns the loss before the step. */
  private double step(long index) {
    Unit unit = reader.read(index);
    int n = settings.batch;
    double[] logits = network.logits(shifted(unit), n, new DropoutKey(settings.seed, index));
    SoftmaxCrossEntropy loss =
        SoftmaxCrossEntropy.of(logits, unit.labels(), settings.labelSmoothing);
    INDArray gradient = network.backward(loss.gradient());
    optimizer.step(
        parameters,
        gradient.reshape(gradient.length()).toFloatVector(),
        learningRate.at(index * n));
    network.load(parameters);
    return loss.loss();
  }

  private float[] shifted(Unit unit) {
    CounterRandom random = CounterRandom.of(settings.seed, Purpose.FEATURES, unit.index());
    double[] images = unit.images();
    float[] shifted = new float[images.length];
    int size = unit.shape().size();
    for (int offset = 0; offset < images.length; offset += size) {
      int down = random.nextInt(2 * MAX_SHIFT_PIXELS + 1) - MAX_SHIFT_PIXELS;
      int right = random.nextInt(2 * MAX_SHIFT_PIXELS + 1) - MAX_SHIFT_PIXELS;
      ImageShift.apply(images, shifted, offset, unit.shape(), down, right);
    }
    return shifted;
  }

  private Map<String, String> metadata(double accuracy) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("test_accuracy", String.format(Locale.ROOT, "%.4f", accuracy));
    metadata.put("epochs", Integer.toString(settings.epochs));
    metadata.put("batch", Integer.toString(settings.batch));
    metadata.put("learning_rate", Double.toString(settings.learningRate));
    metadata.put("label_smoothing", Double.toString(settings.labelSmoothing));
    metadata.put("dropout", Double.toString(settings.dropout));
    metadata.put("seed", Long.toString(settings.seed));
    metadata.put("training_set", training.fingerprint());
    metadata.put("test_set", test.fingerprint());
    return metadata;
  }
}
