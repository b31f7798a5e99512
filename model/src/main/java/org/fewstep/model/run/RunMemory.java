package org.fewstep.model.run;

import java.util.OptionalInt;
import org.fewstep.config.ExchangeConfig;
import org.fewstep.config.ObjectiveConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.network.op.StepMemory;

/**
 * The memory that a process takes which leads a run, trains and evaluates, known before any of it
 * is taken, in bytes. Not in it: the data set, the network of the scores, and what Java's heap
 * holds beyond its need until it is collected.
 *
 * @param javaItself Java and the libraries, before there is any network
 * @param parameters the server's, with the copies that trainers fetch
 * @param gradients of the units of an update that wait at the server, and their mean
 * @param optimizer state
 * @param averages EMA tracks
 * @param checkpoint copies that are written to a checkpoint
 * @param trainers in this process
 * @param trainer what each of them takes
 * @param step what forward and backward of so many images take of that, without parameters and
 *     their gradient, in all networks of an objective
 * @param stepImages images that a trainer computes at once
 * @param evaluation the network of the evaluations
 * @param heap the part of all this that lies in Java's heap
 */
public record RunMemory(
    long javaItself,
    long parameters,
    long gradients,
    long optimizer,
    long averages,
    long checkpoint,
    int trainers,
    long trainer,
    long step,
    int stepImages,
    long evaluation,
    long heap) {
  /** Measured: docs/speed.md. */
  private static final long JAVA_ITSELF = 400L << 20;

  /** Vectors of the optimisers: two moments; two of the outer step of local steps. */
  private static final int OPTIMIZER_VECTORS = 2;

  /** Float64 arrays as large as the images of a pass that an objective has at a time, at most. */
  private static final int ARRAYS_PER_PASS = 12;

  /** Images and noise of a unit. */
  private static final int ARRAYS_PER_UNIT = 2;

  /**
   * Of a run.
   *
   * @param trainers that the process starts
   */
  public static RunMemory of(RunConfig config, StepModelSpec spec, int trainers) {
    int unit = config.exchange().unitImages();
    return of(config, spec, trainers, Math.min(unit, config.microBatch().orElse(unit)));
  }

  private static RunMemory of(RunConfig config, StepModelSpec spec, int trainers, int stepImages) {
    ExchangeConfig exchange = config.exchange();
    long vector = (long) Float.BYTES * spec.network().parameters().length();
    int tracks = config.ema().tracks().size();
    int units = config.batch() / exchange.unitImages();
    int delay = exchange instanceof ExchangeConfig.Synchronous s ? s.delay() : 0;
    boolean local = exchange instanceof ExchangeConfig.LocalSteps;
    int pushes = exchange instanceof ExchangeConfig.LocalSteps l ? l.quorum() : units;

    StepMemory step = StepMemory.ofTraining();
    spec.network().countMemory(step, stepImages);
    StepMemory drawing = StepMemory.ofForward();
    spec.network().countMemory(drawing, config.evaluation().batch());

    boolean distils = config.objective() instanceof ObjectiveConfig.MomentMatching;
    int sets = ModelFactory.takesTurns(config) ? 2 : 1;
    boolean slowerTarget = config.objective().slowerTarget();
    // A network for each set, and the teacher's or the targets'.
    int networks = distils || slowerTarget ? sets + 1 : 1;
    int published = slowerTarget ? 2 : sets;
    long image = (long) Double.BYTES * spec.network().shape().size();
    boolean instant =
        config.objective() instanceof ObjectiveConfig.MomentMatching m
            && m.form() == ObjectiveConfig.MomentForm.INSTANT;
    // The gradient; the other network's parameters and what it is scaled by; nu and what nu moved.
    int vectors = instant ? 5 : distils || slowerTarget ? 3 : 1;
    long trainerHeap =
        vectors * vector
            + (stepImages < exchange.unitImages() ? vector : 0)
            + (delay > 0 ? vector : 0) // the next version's, fetched while a unit is computed
            + (local ? (units + 2 + OPTIMIZER_VECTORS) * vector : 0)
            + ARRAYS_PER_UNIT * image * exchange.unitImages()
            + ARRAYS_PER_PASS * image * stepImages
            + step.heapBytes();
    long evaluationHeap =
        vector + ARRAYS_PER_PASS * image * config.evaluation().batch() + drawing.heapBytes();
    long parameters = (sets + published * (delay + 2)) * vector;
    long gradients = (pushes + 1) * vector;
    long optimizer = (long) sets * OPTIMIZER_VECTORS * vector;
    long averages = tracks * vector;
    long checkpoint = sets * vector + optimizer + averages;
    return new RunMemory(
        JAVA_ITSELF,
        parameters,
        gradients,
        optimizer,
        averages,
        checkpoint,
        trainers,
        networks * (2 * vector + step.nativeBytes()) + trainerHeap,
        networks * step.nativeBytes() + step.heapBytes(),
        stepImages,
        vector + drawing.nativeBytes() + evaluationHeap,
        parameters
            + gradients
            + optimizer
            + averages
            + checkpoint
            + trainers * trainerHeap
            + evaluationHeap);
  }

  /** All of it. */
  public long total() {
    return javaItself
        + parameters
        + gradients
        + optimizer
        + averages
        + checkpoint
        + trainers * trainer
        + evaluation;
  }

  /**
   * The most images that trainers can compute at once for a run to fit into so many bytes: whole
   * groups, and less than the run's settings say. Empty if there is no such number.
   */
  public static OptionalInt fitting(
      RunConfig config, StepModelSpec spec, int trainers, long bytes) {
    // Moment matching in one form compares the two halves of a pass.
    int group =
        config.objective() instanceof ObjectiveConfig.MomentMatching
            ? 2
            : config.objective().groupSize();
    int fits = 0;
    int tooMany = of(config, spec, trainers).stepImages / group;
    while (tooMany - fits > 1) {
      int groups = (fits + tooMany) / 2;
      if (of(config, spec, trainers, groups * group).total() <= bytes) {
        fits = groups;
      } else {
        tooMany = groups;
      }
    }
    return fits == 0 ? OptionalInt.empty() : OptionalInt.of(fits * group);
  }
}
