package org.fewstep.deploy.command;

import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.fewstep.config.Choices;
import org.fewstep.config.EvaluationConfig;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.DrawingView;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.ScoreTable;
import org.fewstep.deploy.train.Scorings;
import org.fewstep.model.checkpoint.ModelSource;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.Metric;
import org.fewstep.model.metrics.PartialEvaluation;
import org.fewstep.model.metrics.References;
import org.fewstep.model.metrics.Score;
import org.fewstep.model.metrics.ScoreJson;
import org.fewstep.model.run.Evaluation;
import org.fewstep.model.run.FeatureThread;
import org.fewstep.model.sampler.SampleSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores a model. */
@Command(
    name = "evaluate",
    description = {
      "Scores a model: draws images and compares their features with those of real images.",
      "",
      "Beside each score stand the floor, the same score of held-out real images, and that of these"
          + " images blurred. Lower is better for distances, higher for precision, recall, density,"
          + " coverage, authenticity and the Inception Score. docs/scores.md tells more.",
      "",
      "An evaluation that was interrupted goes on where it was when the same command is given again."
    })
public final class EvaluateCommand implements Callable<Integer> {
  private static final int MAX_BATCH = 10_000;
  private static final int MAX_SAMPLES = 10_000_000;
  private static final ImageShape FASHION = new ImageShape(1, 28, 28);
  private static final String FASHION_TEST = "builtin:fashion-mnist-test-2k";

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--samples",
      defaultValue = "10000",
      paramLabel = "N",
      description = "images drawn for one score (default: ${DEFAULT-VALUE})")
  private int samples;

  @Option(
      names = "--features",
      paramLabel = "NAME-or-FILE",
      description =
          "feature network: fashion-cnn, a file of FID's Inception (.pth, .pt, .safetensors; with"
              + " ,resize=NAME to prepare images as tensorflow, pytorch-fid or clean-fid), any network"
              + " as FILE.onnx,range=NAME, nsfwjs-inception (after 'features fetch'), or a file that"
              + " 'features train' wrote (default: fashion-cnn for images of 1x28x28)")
  private @Nullable String features;

  @Option(
      names = "--metrics",
      split = ",",
      defaultValue = "frechet",
      paramLabel = "NAME",
      description =
          "frechet, frechet-infinite, spatial-frechet, kid, inception-score, precision-recall,"
              + " density-coverage, nearest-neighbours (default: ${DEFAULT-VALUE}); all but the first,"
              + " third and fifth keep every image's features, 8 KB an image with Inception")
  private List<String> metrics = List.of();

  @Option(
      names = "--reference",
      paramLabel = "STATS.npz-or-DATA",
      description =
          "real images to compare with, or the statistics of their features (default:"
              + " builtin:fashion-mnist-train-60k for images of 1x28x28)")
  private @Nullable String reference;

  @Option(
      names = "--held-out",
      paramLabel = "DATA",
      description =
          "real images that are not among those of the reference, for the floor (default:"
              + " builtin:fashion-mnist-test-2k with the default reference, otherwise none)")
  private @Nullable String heldOut;

  @Mixin private ResumeOptions resume = new ResumeOptions();

  @Option(
      names = "--batch",
      defaultValue = "100",
      paramLabel = "N",
      description =
          "images drawn at once, and scored while the next are drawn; fewer take less memory"
              + " (default: ${DEFAULT-VALUE})")
  private int batch;

  @Option(
      names = "--threads",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "threads of one computation, 0 for OMP_NUM_THREADS or all cores (default:"
              + " ${DEFAULT-VALUE})")
  private int threads;

  @Option(names = "--json", description = "print one JSON object per score")
  private boolean json;

  @Override
  public Integer call() {
    model.check();
    if (samples < 2 || samples > MAX_SAMPLES) {
      throw new UserException(
          "--samples must be from 2 to %d, but is %d".formatted(MAX_SAMPLES, samples));
    }
    resume.check();
    if (batch < 1 || batch > MAX_BATCH) {
      throw new UserException(
          "--batch must be from 1 to %d, but is %d".formatted(MAX_BATCH, batch));
    }
    if (threads < 0 || threads > CpuThreads.MOST) {
      throw new UserException(
          "--threads must be from 0 to %d, but is %d".formatted(CpuThreads.MOST, threads));
    }
    CpuThreads.use(threads);
    Console console = Console.system(json);
    ModelSource opened = model.open();
    SampleSource source = model.source(opened, OptionalInt.empty());
    if (!source.drawsPictures()) {
      throw new UserException(
          "this model draws latents, and scores are of pictures; name the decoder by --decoder FILE.onnx");
    }
    EnumSet<Metric> measured = EnumSet.noneOf(Metric.class);
    metrics.forEach(name -> measured.add(Choices.parse(Metric.class, name, "--metrics")));
    PartialEvaluation partial = resume.saved(model.folder(), console);
    partial.dependsOn(() -> "%d samples in batches of %d".formatted(samples, batch));
    partial.dependsOn(() -> model.identity(opened, source));
    try (FeatureThread thread = FeatureThread.asCoresAllow()) {
      return ResumeOptions.interruptible(
          partial, console, () -> evaluate(opened, source, measured, partial, thread, console));
    }
  }

  private int evaluate(
      ModelSource opened,
      SampleSource source,
      EnumSet<Metric> measured,
      PartialEvaluation partial,
      FeatureThread thread,
      Console console) {
    ImageShape shape = source.shape();
    String comparedWith = comparedWith(measured, shape);
    String real =
        heldOut != null
            ? heldOut
            : comparedWith.equals(References.FASHION_MNIST_TRAIN)
                ? FASHION_TEST
                : EvaluationConfig.NONE;
    String network = chosen(features, "--features", FeatureNetworks.FASHION_CNN, shape);
    Evaluation.Scoring scoring =
        thread.call(() -> Scorings.open(network, measured, comparedWith, real, shape, partial));
    try (DrawingView view = new DrawingView(console, (long) samples * model.steps().size())) {
      if (!scoring.network().description().isEmpty()) {
        console.note(scoring.network().description());
      }
      thread.call(() -> scoring.measurement().warnings(samples)).forEach(console::note);
      boolean frechetAlone = measured.equals(EnumSet.of(Metric.FRECHET));
      console.human(
          frechetAlone
              ? ScoreTable.header(scoring.network().frechetMetric())
              : ScoreTable.manyHeader());
      Evaluation evaluation =
          new Evaluation(
              source,
              shape,
              new Evaluation.Plan(model.steps(), samples, 0, batch),
              scoring,
              new Evaluation.Origin(opened.track(), opened.version(), opened.images()),
              (steps, images, gridShape) -> {},
              thread,
              partial);
      run(evaluation, view, console, frechetAlone);
      thread.run(partial::finish);
    } finally {
      thread.lastly(
          () -> {
            partial.close();
            scoring.network().close();
          });
    }
    return ExitCode.DONE;
  }

  private static void run(
      Evaluation evaluation, DrawingView view, Console console, boolean frechetAlone) {
    int shown = 0;
    boolean more = true;
    while (more) {
      more = evaluation.step();
      view.drawn(evaluation.drawn());
      List<Score> scores = evaluation.scores();
      for (; shown < scores.size(); shown++) {
        Score score = scores.get(shown);
        console.human(frechetAlone ? ScoreTable.row(score) : ScoreTable.manyRow(score));
        console.json(Json.parse(ScoreJson.toLine(score)));
      }
    }
  }

  private String comparedWith(EnumSet<Metric> measured, ImageShape shape) {
    if (reference == null && measured.stream().allMatch(Metric::needsNoReference)) {
      return EvaluationConfig.NONE;
    }
    if (reference == null
        && shape.equals(FASHION)
        && measured.stream().anyMatch(Metric::needsRealRows)) {
      throw new UserException(
          "--reference is missing: of the default one only statistics are shipped, and --metrics %s"
                  .formatted(String.join(",", metrics))
              + " needs the real images themselves, such as builtin:fashion-mnist-train-10k");
    }
    return chosen(reference, "--reference", References.FASHION_MNIST_TRAIN, shape);
  }

  private static String chosen(
      @Nullable String given, String option, String forFashion, ImageShape shape) {
    if (given != null) {
      return given;
    }
    if (shape.equals(FASHION)) {
      return forFashion;
    }
    throw new UserException(
        "%s is missing: there is a default for images of %s only, and this model draws %s"
            .formatted(option, FASHION, shape));
  }
}
