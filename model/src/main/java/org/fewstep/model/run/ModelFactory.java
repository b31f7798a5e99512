package org.fewstep.model.run;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.fewstep.config.ExchangeConfig;
import org.fewstep.config.ExpectedData;
import org.fewstep.config.ObjectiveConfig;
import org.fewstep.config.OptimizerConfig;
import org.fewstep.config.ParameterisationConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.config.ScheduleConfig;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.InitialWeights;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.interpolant.Parameterisation;
import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.interpolant.SecondTime;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.interpolant.TimeInput;
import org.fewstep.model.latent.LatentView;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.optim.DelayedNesterov;
import org.fewstep.model.optim.EmaTrack;
import org.fewstep.model.optim.LearningRate;
import org.fewstep.model.optim.LocalSteps;
import org.fewstep.model.optim.Optimizer;
import org.fewstep.model.optim.Optimizers;
import org.fewstep.model.optim.ParameterSet;

/** From settings to the things they describe. */
public final class ModelFactory {
  /** Name of the one parameter set of most runs. */
  public static final String MODEL_SET = "model";

  /** Name of the set that is trained in turn with it where an objective asks for one. */
  public static final String AUXILIARY_SET = "auxiliary";

  private ModelFactory() {}

  /**
   * Refuses settings that are valid and that nothing here can do yet.
   *
   * @throws UserException naming the setting
   */
  public static void checkBuilt(RunConfig config) {
    notBuilt(config)
        .ifPresent(
            sentence -> {
              throw new UserException(sentence);
            });
  }

  /** A sentence about valid settings that nothing here can do yet; empty if there are none. */
  public static Optional<String> notBuilt(RunConfig config) {
    return config.data().augment() == 0
        ? Optional.empty()
        : Optional.of(
            "data.augment must be 0: of EDM's augmentation only data.flip is built (a network with"
                + " augment-dim is told zeros, as it is when it draws)");
  }

  /**
   * The step model of a run on a data set.
   *
   * @throws UserException if the network does not fit the images
   */
  public static StepModelSpec spec(RunConfig config, ImageDataset dataset) {
    ImageShape shape = dataset.shape();
    checkBuilt(config);
    if (shape.height() != shape.width()) {
      throw new UserException(
          "the images of data.path = %s are %d by %d pixels, but the network takes square ones"
              .formatted(config.data().path(), shape.height(), shape.width()));
    }
    if (config.data().flip() && LatentView.isOfLatents(shape)) {
      throw new UserException(
          "data.flip must be false, because data.path = %s holds latents, and a mirrored latent is not"
                  .formatted(config.data().path())
              + " that of the mirrored picture");
    }
    config
        .data()
        .expected()
        .check(config.data().path(), shape.channels(), shape.height(), dataset.classes());
    return spec(config, shape, config.data().labels() ? classes(config, dataset) : 0);
  }

  /**
   * The step model of a run on the data that its settings expect; empty if they say too little.
   *
   * @throws UserException if the network does not fit them
   */
  public static Optional<StepModelSpec> expectedSpec(RunConfig config) {
    ExpectedData expected = config.data().expected();
    boolean labels = config.data().labels();
    if (!expected.shapeIsKnown() || (labels && expected.classes().isEmpty())) {
      return Optional.empty();
    }
    int size = expected.size().getAsInt();
    return Optional.of(
        spec(
            config,
            new ImageShape(expected.channels().getAsInt(), size, size),
            labels ? expected.classes().getAsInt() : 0));
  }

  private static StepModelSpec spec(RunConfig config, ImageShape shape, int classes) {
    config.network().checkFits(shape.height());
    return new StepModelSpec(
        NetworkSpecs.of(config.network(), shape, classes, config.objective().secondTime()),
        new StepModel.Settings(
            schedule(config.schedule().kind()),
            parameterisation(config.parameterisation().kind()),
            config.parameterisation().secondTime() == ParameterisationConfig.SecondTime.GAP
                ? SecondTime.GAP
                : SecondTime.TARGET,
            config.parameterisation().sigmaData(),
            config.parameterisation().timeInput() == ParameterisationConfig.TimeInput.LOG_NOISE
                ? TimeInput.LOG_NOISE
                : TimeInput.LINEAR,
            config.parameterisation().timeScale()),
        config.schedule().tMin(),
        config.schedule().tMax());
  }

  private static int classes(RunConfig config, ImageDataset dataset) {
    if (dataset.classes() == 0) {
      throw new UserException(
          "data.labels is true, but data.path = %s has no labels".formatted(config.data().path()));
    }
    return dataset.classes();
  }

  /**
   * The weights that a run's settings say to begin with.
   *
   * @return nothing if they are to be drawn
   * @throws UserException if there are none, or they belong to another architecture
   */
  public static Optional<InitialWeights> initialWeights(RunConfig config, StepModelSpec spec) {
    return config.initFrom().equals(RunConfig.FRESH)
        ? Optional.empty()
        : Optional.of(InitialWeights.find(Path.of(config.initFrom()), spec));
  }

  /**
   * The parameters of a run at version 0, with optimiser and EMA tracks.
   *
   * @param initial flat vector that the parameters and each track begin with
   * @param teacher that the run distils, whose parameters an auxiliary denoiser begins with
   */
  public static ParameterSet parameterSet(
      RunConfig config, ParameterTable table, float[] initial, Optional<Teacher> teacher) {
    List<EmaTrack> tracks =
        config.ema().tracks().stream()
            .map(
                track ->
                    new EmaTrack(
                        track.name(), track.halfLifeImages(), track.rampUpRatio(), initial))
            .toList();
    ParameterSet set =
        new ParameterSet(
            MODEL_SET,
            initial,
            config.exchange() instanceof ExchangeConfig.LocalSteps local
                ? outerStep(local, initial.length, config.trainers())
                : optimizer(config.optimizer(), initial.length),
            tracks,
            learningRate(config),
            untrained(table),
            teacher
                .filter(t -> takesTurns(config))
                .map(t -> auxiliary(config, table, t.parameters()))
                .orElse(null));
    if (config.objective().slowerTarget()) {
      set.publishWith(config.objective().targetTrack());
    }
    return set;
  }

  private static ParameterSet auxiliary(RunConfig config, ParameterTable table, float[] initial) {
    return new ParameterSet(
        AUXILIARY_SET,
        initial,
        optimizer(config.optimizer(), initial.length),
        List.of(),
        learningRate(config),
        untrained(table));
  }

  /** Whether updates of the model and of an auxiliary set take turns. */
  public static boolean takesTurns(RunConfig config) {
    return config.objective() instanceof ObjectiveConfig.MomentMatching distillation
        && distillation.form() == ObjectiveConfig.MomentForm.ALTERNATING;
  }

  private static List<ParameterSet.Range> untrained(ParameterTable table) {
    return table.untrained().stream()
        .map(entry -> new ParameterSet.Range(Math.toIntExact(entry.offset()), entry.length()))
        .toList();
  }

  private static DelayedNesterov outerStep(
      ExchangeConfig.LocalSteps local, int size, int trainers) {
    return new DelayedNesterov(
        size, local.outerLr(), local.outerMomentum(), local.momentumDelay(trainers));
  }

  /**
   * What a trainer's own steps are made of, with exchange.rule = local-steps. Where the outer step
   * takes over a trainer's parameters as they are, it is to get them exactly.
   */
  public static LocalSteps localSteps(RunConfig config, ParameterTable table) {
    boolean exact =
        config.exchange() instanceof ExchangeConfig.LocalSteps local
            && local.outerLr() == 1
            && local.outerMomentum() == 0;
    return new LocalSteps(
        optimizer(config.optimizer(), table.length()),
        learningRate(config),
        exact,
        untrained(table));
  }

  private static LearningRate learningRate(RunConfig config) {
    OptimizerConfig optimizer = config.optimizer();
    return new LearningRate(
        optimizer.lr(), optimizer.warmupImages(), optimizer.decayImages(), config.images());
  }

  private static Optimizer optimizer(OptimizerConfig c, int size) {
    return switch (c.kind()) {
      case ADAM -> Optimizers.adam(size, c.beta1(), c.beta2(), c.eps(), c.weightDecay());
      case ADAMW -> Optimizers.adamW(size, c.beta1(), c.beta2(), c.eps(), c.weightDecay());
      case RADAM -> Optimizers.radam(size, c.beta1(), c.beta2(), c.eps(), c.weightDecay());
    };
  }

  /**
   * SHA-256 (hex) over the model's description, its tensors' names and shapes, and its teacher's
   * weights if it has one: what must agree between those who exchange parameters.
   */
  public static String modelHash(
      StepModelSpec spec, ParameterTable table, Optional<Teacher> teacher) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    digest.update(spec.toJson().getBytes(StandardCharsets.UTF_8));
    for (ParameterTable.Entry entry : table.entries()) {
      digest.update(
          (entry.name() + Arrays.toString(entry.shape())).getBytes(StandardCharsets.UTF_8));
    }
    teacher.ifPresent(t -> digest.update(t.sha256().getBytes(StandardCharsets.UTF_8)));
    return HexFormat.of().formatHex(digest.digest());
  }

  private static Schedule schedule(ScheduleConfig.Kind kind) {
    return switch (kind) {
      case FLOW -> Schedule.FLOW;
      case COSINE -> Schedule.COSINE;
      case LINEAR_BETA -> Schedule.LINEAR_BETA;
    };
  }

  private static Parameterisation parameterisation(ParameterisationConfig.Kind kind) {
    return switch (kind) {
      case IDENTITY -> Parameterisation.IDENTITY;
      case SIMPLE_EDM -> Parameterisation.SIMPLE_EDM;
      case EULER_FM -> Parameterisation.EULER_FM;
      case EPSILON -> Parameterisation.EPSILON;
    };
  }
}
