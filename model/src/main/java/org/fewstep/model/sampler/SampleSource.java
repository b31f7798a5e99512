package org.fewstep.model.sampler;

import java.util.OptionalInt;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.latent.LatentView;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.jspecify.annotations.Nullable;

/**
 * The numbered samples of a model: sample i is a function of seed, i and number of steps, whatever
 * the batches in which samples are drawn.
 */
public final class SampleSource {
  /**
   * How samples are drawn.
   *
   * @param guidance weight of classifier-free guidance, 1 for none
   * @param onlyClass class of all samples; empty for classes drawn uniformly, or none if the model
   *     knows no classes
   */
  public record Plan(
      Sampler sampler,
      Sampler.Options options,
      TimeGrid timeGrid,
      double guidance,
      OptionalInt onlyClass,
      long seed) {
    /** Without options of the sampler. */
    public Plan(
        Sampler sampler, TimeGrid timeGrid, double guidance, OptionalInt onlyClass, long seed) {
      this(sampler, Sampler.Options.NONE, timeGrid, guidance, onlyClass, seed);
    }

    /** The sampler's name in reports, with its options. */
    public String samplerLabel() {
      return sampler.label(options);
    }
  }

  private final StepModel model;
  private final StepModelSpec spec;
  private final Plan plan;
  private final @Nullable LatentView view;

  /** Samples as the model draws them. */
  public SampleSource(StepModel model, StepModelSpec spec, Plan plan) {
    this(model, spec, plan, null);
  }

  /**
   * @param view makes pictures of what the model draws; null if these are pictures
   */
  public SampleSource(StepModel model, StepModelSpec spec, Plan plan, @Nullable LatentView view) {
    this.model = model;
    this.spec = spec;
    this.plan = plan;
    this.view = view;
  }

  /** Whether samples are pictures, and not latents shown channel by channel. */
  public boolean drawsPictures() {
    return view == null || view.decodes();
  }

  /** Shape of a sample. */
  public ImageShape shape() {
    return view == null ? model.shape() : view.pictures();
  }

  public Plan plan() {
    return plan;
  }

  /** Network calls for one image in a number of steps. */
  public int networkEvaluations(int steps) {
    int calls = plan.sampler().networkEvaluations(steps);
    return guided() ? 2 * calls : calls;
  }

  /**
   * Samples {@code first .. first + count - 1} in one batch.
   *
   * @return [count*D], about [-1, 1]
   */
  public double[] draw(int steps, long first, int count) {
    int size = model.shape().size();
    double sigmaData = spec.settings().sigmaData();
    double[] noise = new double[count * size];
    for (int i = 0; i < count; i++) {
      CounterRandom.of(plan.seed(), Purpose.PRIOR, first + i)
          .fillGaussian(noise, i * size, (i + 1) * size, sigmaData);
    }
    CounterRandom[] restarts = new CounterRandom[count];
    for (int i = 0; i < count; i++) {
      restarts[i] = CounterRandom.of(plan.seed(), Purpose.RESTART, first + i);
    }
    Sampler.FreshNoise fresh =
        step -> {
          double[] values = new double[count * size];
          for (int i = 0; i < count; i++) {
            restarts[i].fillGaussian(values, i * size, (i + 1) * size, sigmaData);
          }
          return values;
        };
    double[] times =
        plan.timeGrid().times(spec.settings().schedule(), spec.tMin(), spec.tMax(), steps);
    Sampler.Request request =
        new Sampler.Request(
            labels(first, count), guided() ? plan.guidance() : null, fresh, plan.options());
    double[] drawn = plan.sampler().sample(model, noise, times, request);
    return view == null ? drawn : view.pictures(drawn, count);
  }

  private boolean guided() {
    return plan.guidance() != 1 && model.network().classes() > 0;
  }

  private float @Nullable [] labels(long first, int count) {
    int classes = model.network().classes();
    if (classes == 0) {
      return null;
    }
    float[] rows = new float[count * classes];
    for (int i = 0; i < count; i++) {
      int label =
          plan.onlyClass().isPresent()
              ? plan.onlyClass().getAsInt()
              : CounterRandom.of(plan.seed(), Purpose.SAMPLE_CLASS, first + i).nextInt(classes);
      rows[i * classes + label] = 1;
    }
    return rows;
  }
}
