package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import org.fewstep.config.Choices;
import org.fewstep.config.LatentConfig;
import org.fewstep.config.ObjectiveConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.SamplerKind;
import org.fewstep.config.TimeGrid;
import org.fewstep.config.UserException;
import org.fewstep.deploy.train.Sampling;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.ModelSource;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.latent.LatentView;
import org.fewstep.model.sampler.HeunSampler;
import org.fewstep.model.sampler.SampleSource;
import org.fewstep.model.sampler.Sampler;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which model to draw from, and how. */
final class ModelOptions {
  private static final int MAX_STEPS = 1_000_000;

  /** Of sigma / alpha; what is above stands for infinity. */
  private static final double LARGEST_NOISE = 1e6;

  /** Lies in runs and in checkpoints. */
  private static final String SETTINGS = "config.conf";

  /** S_min, S_max and S_noise of EDM's ImageNet-64 (Karras et al. 2022, table 5). */
  private static final double CHURN_MIN = 0.05;

  private static final double CHURN_MAX = 50;
  private static final double CHURN_NOISE = 1.003;

  @Option(
      names = "--from",
      required = true,
      paramLabel = "PATH",
      description = "a run (its newest checkpoint), a checkpoint, or a weights file")
  private Path from = Path.of("");

  @Option(
      names = "--track",
      paramLabel = "NAME",
      description = "EMA track to draw from, or live (default: the first EMA track)")
  private @Nullable String track;

  @Option(
      names = "--steps",
      split = ",",
      defaultValue = "1,2,4,8",
      paramLabel = "N",
      description = "numbers of sampling steps (default: ${DEFAULT-VALUE})")
  private List<Integer> steps = List.of();

  @Option(
      names = "--sampler",
      paramLabel = "NAME",
      description =
          "pushforward or restart; of a model that learnt to denoise also euler, heun, ddim or ddpm;"
              + " of a shortcut model shortcut; of a distilled one ancestral (default: pushforward,"
              + " of a run that distilled ancestral)")
  private @Nullable String sampler;

  @Option(
      names = "--ddim-eta",
      defaultValue = "0",
      paramLabel = "ETA",
      description = "fresh noise of --sampler ddim, from 0 to 1 (default: ${DEFAULT-VALUE})")
  private double ddimEta;

  @Option(
      names = "--churn",
      defaultValue = "0",
      paramLabel = "S",
      description = "EDM's S_churn of --sampler heun, 0 for none (default: ${DEFAULT-VALUE})")
  private double churn;

  @Option(
      names = "--time-grid",
      defaultValue = "uniform",
      paramLabel = "NAME",
      description = "uniform or edm (default: ${DEFAULT-VALUE})")
  private String timeGrid = "";

  @Option(
      names = "--guidance",
      defaultValue = "1",
      paramLabel = "W",
      description = "weight of classifier-free guidance, 1 for none (default: ${DEFAULT-VALUE})")
  private double guidance;

  @Option(
      names = "--seed",
      defaultValue = "0",
      paramLabel = "SEED",
      description = "of the noise that samples start from (default: ${DEFAULT-VALUE})")
  private long seed;

  @Option(
      names = "--decoder",
      paramLabel = "FILE.onnx",
      description =
          "makes pictures of the latents that a model of latents draws (default: the run's"
              + " latent.decoder; without one, 'sample' shows the latents' channels)")
  private @Nullable String decoder;

  List<Integer> steps() {
    return steps;
  }

  /** Refuses what is wrong whatever the model is. */
  void check() {
    for (int n : steps) {
      if (n < 1 || n > MAX_STEPS) {
        throw new UserException(
            "--steps must list numbers from 1 to %d, but lists %d".formatted(MAX_STEPS, n));
      }
    }
    if (new HashSet<>(steps).size() < steps.size()) {
      throw new UserException("--steps must list each number once, but lists " + steps);
    }
    if (!Double.isFinite(guidance) || guidance < 0) {
      throw new UserException(
          "--guidance must be a number from 0 upwards, but is %s".formatted(guidance));
    }
    if (!(ddimEta >= 0 && ddimEta <= 1)) {
      throw new UserException("--ddim-eta must be from 0 to 1, but is " + ddimEta);
    }
    if (!Double.isFinite(churn) || churn < 0) {
      throw new UserException("--churn must be a number from 0 upwards, but is " + churn);
    }
    if (samplerKind() == SamplerKind.SHORTCUT) {
      for (int n : steps) {
        if (Integer.bitCount(n) != 1) {
          throw new UserException(
              "--steps must list powers of two with --sampler shortcut, but lists " + n);
        }
      }
    }
    grid();
  }

  /** Opens the model, which takes seconds. */
  ModelSource open() {
    return ModelSource.open(from, track);
  }

  /**
   * How to draw from the model.
   *
   * @param onlyClass of all samples, empty for all classes
   */
  SampleSource source(ModelSource model, OptionalInt onlyClass) {
    int classes = model.spec().network().classes();
    if (guidance != 1 && classes == 0) {
      throw new UserException(
          "--guidance needs a model with classes, but %s has none".formatted(model.file()));
    }
    if (guidance != 1 && isDistilled()) {
      throw new UserException(
          "--guidance must be 1 with %s, a distilled student, which is sampled without guidance"
              .formatted(from));
    }
    if (onlyClass.isPresent()) {
      int wanted = onlyClass.getAsInt();
      if (classes == 0) {
        throw new UserException(
            "--class needs a model with classes, but %s has none".formatted(model.file()));
      }
      if (wanted < 0 || wanted >= classes) {
        throw new UserException(
            "--class must be from 0 to %d with this model, but is %d"
                .formatted(classes - 1, wanted));
      }
    }
    SamplerKind kind = samplerKind();
    if (model.spec().network().secondTime()
        && (kind.needsDenoiser() || kind == SamplerKind.ANCESTRAL)
        && kind != SamplerKind.PUSHFORWARD) {
      throw new UserException(
          "--sampler %s needs a network that learnt to denoise at one time, but that of %s takes two"
              .formatted(Choices.nameOf(kind), model.file()));
    }
    checkNoiseIsFinite(model, kind);
    return new SampleSource(
        model.model(),
        model.spec(),
        new SampleSource.Plan(
            Sampling.sampler(kind),
            new Sampler.Options(
                ddimEta, false, new HeunSampler.Churn(churn, CHURN_MIN, CHURN_MAX, CHURN_NOISE)),
            Sampling.grid(grid()),
            guidance,
            onlyClass,
            seed),
        view(model));
  }

  private void checkNoiseIsFinite(ModelSource model, SamplerKind kind) {
    double first = model.model().settings().schedule().noiseToSignal(model.spec().tMax());
    boolean needed = kind == SamplerKind.HEUN || grid() == TimeGrid.EDM;
    if (needed && first > LARGEST_NOISE) {
      throw new UserException(
          ("--%s steps in sigma / alpha, which is infinite at time %s, where sampling from %s"
                  + " begins; choose another")
              .formatted(
                  kind == SamplerKind.HEUN ? "sampler heun" : "time-grid edm",
                  model.spec().tMax(),
                  model.file()));
    }
  }

  private @Nullable LatentView view(ModelSource model) {
    ImageShape shape = model.spec().network().shape();
    return knowsItsDecoder(model)
        ? LatentView.open(decoderOfRun(), shape, "latent.decoder")
        : LatentView.open(decoder == null ? LatentConfig.NONE : decoder, shape, "--decoder");
  }

  /** A run of latents knows its decoder; a checkpoint or a weights file by itself does not. */
  private boolean knowsItsDecoder(ModelSource model) {
    return decoder == null
        && LatentView.isOfLatents(model.spec().network().shape())
        && RunFolder.is(from);
  }

  private String decoderOfRun() {
    String settings = RunFolder.open(from).config().toString();
    return RunConfigLoader.load(settings, List.of()).config().latent().decoder();
  }

  /** Where files about the model may lie: in its run, or beside its checkpoint or weights file. */
  Path folder() {
    Path parent = from.toAbsolutePath().normalize().getParent();
    return RunFolder.is(from) || parent == null ? from : parent;
  }

  /** All that the samples depend on, but for how many there are. */
  String identity(ModelSource model, SampleSource source) {
    SampleSource.Plan plan = source.plan();
    String view = knowsItsDecoder(model) ? decoderOfRun() : decoder;
    return String.join(
        "\n",
        Sha256.ofFile(model.file()),
        model.track(),
        steps.toString(),
        plan.sampler().name(),
        plan.options().toString(),
        plan.timeGrid().name(),
        Double.toString(plan.guidance()),
        Long.toString(plan.seed()),
        view == null || view.equals(LatentConfig.NONE) ? "" : Sha256.ofFile(Path.of(view)));
  }

  private SamplerKind samplerKind() {
    if (sampler != null) {
      return Choices.parse(SamplerKind.class, sampler, "--sampler");
    }
    return isDistilled() ? SamplerKind.ANCESTRAL : SamplerKind.PUSHFORWARD;
  }

  /** Whether the model is known to be a distilled student; a weights file by itself is not. */
  private boolean isDistilled() {
    if (!RunFolder.is(from) && !Checkpoint.is(from)) {
      return false;
    }
    try {
      String settings = from.resolve(SETTINGS).toString();
      return RunConfigLoader.load(settings, List.of()).config().objective()
          instanceof ObjectiveConfig.MomentMatching;
    } catch (UserException e) { // settings of another version, which had no students
      return false;
    }
  }

  private TimeGrid grid() {
    return Choices.parse(TimeGrid.class, timeGrid, "--time-grid");
  }
}
