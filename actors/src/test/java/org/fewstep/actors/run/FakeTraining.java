package org.fewstep.actors.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.fewstep.actors.Schedules;
import org.fewstep.actors.coordinator.EvaluationLimits;
import org.fewstep.actors.coordinator.RunIdentity;
import org.fewstep.actors.coordinator.RunPlan;
import org.fewstep.actors.coordinator.UpdateRule;
import org.fewstep.actors.evaluator.EvaluationJob;
import org.fewstep.actors.evaluator.EvaluationPart;
import org.fewstep.actors.evaluator.Evaluations;
import org.fewstep.actors.loader.UnitSource;
import org.fewstep.actors.server.CheckpointWriter;
import org.fewstep.actors.trainer.Learner;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.device.Device;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.objective.UnitStatistics;
import org.fewstep.model.optim.EmaTrack;
import org.fewstep.model.optim.LearningRate;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.model.optim.Optimizer;
import org.fewstep.model.optim.Optimizers;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.optim.Snapshot;
import org.fewstep.protocol.EvaluationSchedule;

/**
 * A training that takes no time: the loss of a unit is half the squared distance between the
 * parameters and a point made from the unit's images. Optimiser and averages are the real ones.
 */
class FakeTraining implements TrainingFactory {
  static final int PARAMETERS = 37;
  static final int UNIT_IMAGES = 4;
  static final int BATCH_IMAGES = 12;
  static final int UNITS_PER_UPDATE = BATCH_IMAGES / UNIT_IMAGES;
  static final String TRACK = "half";
  static final RunIdentity IDENTITY = new RunIdentity("model", "data");
  private static final LearningRate LEARNING_RATE = new LearningRate(0.01, 24, 0, 1000);
  private static final ImageShape SHAPE = new ImageShape(1, 2, 2);

  final Map<Long, ParameterSet.State> checkpoints = new ConcurrentHashMap<>();
  final Map<Long, float[]> evaluated = new ConcurrentHashMap<>();
  final List<Long> owed = new CopyOnWriteArrayList<>();
  final List<FakeLearner> learners = new CopyOnWriteArrayList<>();
  final List<Thread> bound = new CopyOnWriteArrayList<>();

  /** What happens beside the mathematics when a unit is computed. */
  @FunctionalInterface
  interface Mishap {
    void before(FakeLearner learner, Unit unit, float[] gradient);
  }

  private final Mishap mishap;
  private final ParameterSet.State start;

  FakeTraining() {
    this((learner, unit, gradient) -> {});
  }

  FakeTraining(Mishap mishap) {
    this(mishap, null);
  }

  FakeTraining(Mishap mishap, ParameterSet.State start) {
    this.mishap = mishap;
    this.start = start;
  }

  /** A run of so many updates, evaluated half way and at the end, saved at the end. */
  static RunSettings settings(int trainers, int updates) {
    return settings(trainers, updates, new UpdateRule.Synchronous(0));
  }

  static RunSettings settings(int trainers, int updates, UpdateRule rule) {
    return new RunSettings(
        new RunPlan(BATCH_IMAGES, UNIT_IMAGES, (long) updates * BATCH_IMAGES, 0, false, 60, rule),
        IDENTITY,
        trainers,
        Schedules.of(
            Schedules.entry(
                "half", List.of((long) updates / 2 * BATCH_IMAGES), 0, List.of(1, 2), TRACK)),
        new EvaluationLimits(List.of(TRACK), true, false, Schedules.ANY_SAMPLER));
  }

  /** State after so many updates, computed without any actor. */
  static ParameterSet.State afterUpdates(int updates) {
    ParameterSet set = parameterSet();
    update(set, updates);
    return set.state();
  }

  /** The same with gradients that are computed so many versions behind. */
  static ParameterSet.State afterDelayedUpdates(int updates, int delay) {
    ParameterSet set = parameterSet();
    for (int version = 0; version < updates; version++) {
      updateDelayed(set, delay);
    }
    return set.state();
  }

  /** Applies an update to a set that keeps what it predicted at earlier versions. */
  static void updateDelayed(ParameterSet set, int delay) {
    List<float[]> behind = new ArrayList<>(List.of(set.published(delay)));
    behind.addAll(set.earlier());
    update(set, behind.get((int) Math.min(delay, set.version())));
    set.setEarlier(behind.subList(0, Math.min(delay, behind.size())));
  }

  /** Applies updates until a version is reached, without any actor. */
  static void update(ParameterSet set, int untilVersion) {
    for (long version = set.version(); version < untilVersion; version++) {
      update(set, set.parameters());
    }
  }

  private static void update(ParameterSet set, float[] computedAt) {
    double[] sum = new double[PARAMETERS];
    long first = set.version() * UNITS_PER_UPDATE;
    for (long unit = first; unit < first + UNITS_PER_UPDATE; unit++) {
      float[] gradient = new float[PARAMETERS];
      lossAndGradient(computedAt, unit(unit), gradient);
      for (int i = 0; i < PARAMETERS; i++) {
        sum[i] += gradient[i];
      }
    }
    float[] mean = new float[PARAMETERS];
    for (int i = 0; i < PARAMETERS; i++) {
      mean[i] = (float) (sum[i] / UNITS_PER_UPDATE);
    }
    set.apply(mean, BATCH_IMAGES);
  }

  /** The set that the server starts with. */
  ParameterSet newSet() {
    return parameterSet();
  }

  static ParameterSet parameterSet() {
    return parameterSet(optimizer());
  }

  static ParameterSet parameterSet(Optimizer optimizer) {
    float[] initial = new float[PARAMETERS];
    for (int i = 0; i < PARAMETERS; i++) {
      initial[i] = (float) Math.cos(i);
    }
    return new ParameterSet(
        "model", initial, optimizer, List.of(new EmaTrack(TRACK, 50, 0, initial)), LEARNING_RATE);
  }

  static Optimizer optimizer() {
    return Optimizers.radam(PARAMETERS, 0.9, 0.99, 1e-8, 0);
  }

  static Unit unit(long index) {
    double[] images = new double[UNIT_IMAGES * SHAPE.size()];
    for (int i = 0; i < images.length; i++) {
      images[i] = Math.sin(index * 31.7 + i);
    }
    int[] labels = new int[UNIT_IMAGES];
    Arrays.fill(labels, -1);
    return new Unit(index, SHAPE, images, labels);
  }

  static double lossAndGradient(float[] parameters, Unit unit, float[] gradient) {
    double loss = 0;
    for (int i = 0; i < parameters.length; i++) {
      double difference = parameters[i] - 3 * unit.images()[i % unit.images().length];
      loss += 0.5 * difference * difference;
      gradient[i] = (float) difference;
    }
    return loss;
  }

  /** The loss that a learner reports. */
  double loss(Unit unit, double real) {
    return real;
  }

  /** Notes the threads it is used on. */
  final class FakeLearner implements Learner {
    final List<Thread> threads = new CopyOnWriteArrayList<>();
    final List<Long> units = new CopyOnWriteArrayList<>();
    volatile boolean closed;
    private float[] parameters = new float[0];

    FakeLearner() {
      threads.add(Thread.currentThread());
    }

    @Override
    public int parameters() {
      return PARAMETERS;
    }

    @Override
    public void load(float[] loaded) {
      threads.add(Thread.currentThread());
      parameters = loaded.clone();
    }

    @Override
    public UnitStatistics evaluate(Unit unit, float[] gradient) {
      threads.add(Thread.currentThread());
      units.add(unit.index());
      double loss = lossAndGradient(parameters, unit, gradient);
      mishap.before(this, unit, gradient);
      return new UnitStatistics(loss(unit, loss), 1, 2, 3);
    }

    @Override
    public void close() {
      threads.add(Thread.currentThread());
      closed = true;
    }
  }

  @Override
  public Device device() {
    return new Device() {
      @Override
      public void bind() {
        bound.add(Thread.currentThread());
      }

      @Override
      public String toString() {
        return "fake:0";
      }
    };
  }

  @Override
  public Learner newLearner() {
    FakeLearner learner = new FakeLearner();
    learners.add(learner);
    return learner;
  }

  @Override
  public LocalSteps newLocalSteps() {
    return new LocalSteps(optimizer(), LEARNING_RATE, true);
  }

  @Override
  public ParameterSet newParameterSet() {
    ParameterSet set = newSet();
    if (start != null) {
      set.restore(start);
    }
    return set;
  }

  @Override
  public String tensorAt(int element) {
    return element < 10 ? "first" : "second";
  }

  @Override
  public UnitSource newUnitSource() {
    return FakeTraining::unit;
  }

  @Override
  public Evaluations newEvaluations() {
    return new FakeEvaluations();
  }

  /** Scores are the first parameter, one a step of work. */
  class FakeEvaluations implements Evaluations {
    private float[] parameters = new float[0];

    @Override
    public void load(float[] loaded) {
      parameters = loaded;
    }

    @Override
    public EvaluationJob begin(EvaluationPart part) throws Exception {
      evaluated.put(part.version(), parameters.clone());
      return new EvaluationJob() {
        @Override
        public boolean step() {
          return false;
        }

        @Override
        public List<Score> scores() {
          return List.of(
              score(parameters[0], part.steps(), part.track(), part.images(), part.version()));
        }
      };
    }
  }

  private static Score score(double value, int steps, String track, long images, long version) {
    return new Score(
        "FD[fake]",
        value,
        steps,
        steps,
        16,
        "fake",
        "none",
        track,
        images,
        version,
        "pushforward",
        "uniform",
        1,
        0,
        null,
        null,
        null,
        0.5);
  }

  @Override
  public CheckpointWriter newCheckpointWriter() {
    return new CheckpointWriter() {
      @Override
      public Path write(ParameterSet.State state) throws IOException {
        if (checkpoints.put(state.version(), state) != null) {
          throw new IOException("version " + state.version() + " was saved before");
        }
        return Path.of("checkpoints", Long.toString(state.version()));
      }

      @Override
      public void owe(Snapshot parameters, EvaluationSchedule due) {
        owed.add(parameters.version());
      }

      @Override
      public Optional<ParameterSet.State> newestBefore(long images) {
        return checkpoints.values().stream()
            .filter(state -> state.images() < images)
            .max(Comparator.comparingLong(ParameterSet.State::images));
      }
    };
  }
}
