package org.fewstep.model.metrics.inception;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.fewstep.model.network.op.FixedConv2d.Geometry;

/**
 * Weights of {@link InceptionGraph} with the batch normalisations folded in: {@code y = gamma (w x
 * - mean) / sqrt(variance + eps) + beta} is a convolution with {@code w gamma / sqrt(variance +
 * eps)} and a bias. Folded in float64, then rounded. Immutable.
 */
public final class InceptionWeights {
  private static final double EPSILON = 1e-3;

  private final Map<String, float[]> weights;
  private final Map<String, float[]> biases;
  private final float[] classifier;

  private InceptionWeights(
      Map<String, float[]> weights, Map<String, float[]> biases, float[] classifier) {
    this.weights = weights;
    this.biases = biases;
    this.classifier = classifier;
  }

  /** Tensors as stored, by convolution and part. */
  public interface Source {
    /**
     * One tensor.
     *
     * @param unit name of the convolution; for {@link Part#CLASSIFIER} empty
     * @param shape that it must have
     */
    float[] read(String unit, Part part, long... shape);
  }

  /** What belongs to a convolution and its normalisation. */
  public enum Part {
    WEIGHT,
    GAMMA,
    BETA,
    MEAN,
    VARIANCE,
    /** The last layer's weights [1008, 2048]. */
    CLASSIFIER
  }

  /** Reads and folds all. */
  public static InceptionWeights fold(Source source) {
    float[] classifier =
        source.read("", Part.CLASSIFIER, InceptionUnits.CLASSES, InceptionUnits.FEATURES);
    return fold(source, InceptionUnits.names(), classifier);
  }

  /** Reads and folds the convolutions up to Mixed_6c, for {@link InceptionGraph#trunk}. */
  static InceptionWeights foldTrunk(Source source) {
    return fold(source, InceptionUnits.trunkNames(), new float[0]);
  }

  private static InceptionWeights fold(Source source, List<String> units, float[] classifier) {
    Map<String, float[]> weights = new HashMap<>();
    Map<String, float[]> biases = new HashMap<>();
    units.forEach(
        name -> {
          Geometry geometry = InceptionUnits.geometry(name);
          float[] weight = source.read(name, Part.WEIGHT, geometry.weightShape());
          float[] gamma = source.read(name, Part.GAMMA, geometry.out());
          float[] beta = source.read(name, Part.BETA, geometry.out());
          float[] mean = source.read(name, Part.MEAN, geometry.out());
          float[] variance = source.read(name, Part.VARIANCE, geometry.out());
          float[] bias = new float[geometry.out()];
          int perChannel = weight.length / geometry.out();
          for (int c = 0; c < bias.length; c++) {
            double scale = gamma[c] / Math.sqrt(variance[c] + EPSILON);
            bias[c] = (float) (beta[c] - mean[c] * scale);
            for (int i = c * perChannel; i < (c + 1) * perChannel; i++) {
              weight[i] = (float) (weight[i] * scale);
            }
          }
          weights.put(name, weight);
          biases.put(name, bias);
        });
    return new InceptionWeights(weights, biases, classifier);
  }

  /** Names of the convolutions. */
  Set<String> units() {
    return weights.keySet();
  }

  float[] weight(String unit) {
    return get(weights, unit);
  }

  float[] bias(String unit) {
    return get(biases, unit);
  }

  /** [1008, 2048]. */
  float[] classifier() {
    return classifier;
  }

  private static float[] get(Map<String, float[]> map, String unit) {
    float[] values = map.get(unit);
    if (values == null) {
      throw new IllegalArgumentException("there is no convolution " + unit);
    }
    return values;
  }
}
