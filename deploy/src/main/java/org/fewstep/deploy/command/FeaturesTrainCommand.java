package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.IdxDataset;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.classifier.FashionCnnTrainer;
import org.fewstep.model.metrics.classifier.FashionCnnWeights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a feature network. */
@Command(
    name = "train",
    description = {
      "Trains a feature network as a classifier, and shows its accuracy on the test images after"
          + " each epoch."
    })
public final class FeaturesTrainCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "which network: fashion-cnn")
  private String name = "";

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATA",
      description = "labelled training images: a folder of IDX files, a .zip, builtin:NAME")
  private String data = "";

  @Option(
      names = "--test",
      paramLabel = "DATA",
      description =
          "labelled test images (default: the test part of --data, if that is a folder of IDX"
              + " files)")
  private @Nullable String test;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.safetensors",
      description = "weights to write")
  private Path out = Path.of("");

  @Option(names = "--force", description = "replace --out if it exists")
  private boolean force;

  @Option(names = "--epochs", paramLabel = "N", description = "passes over the training images")
  private @Nullable Integer epochs;

  @Option(names = "--seed", paramLabel = "SEED", description = "of all randomness")
  private @Nullable Long seed;

  @Option(names = "--json", description = "print one JSON object per epoch")
  private boolean json;

  @Override
  public Integer call() {
    if (!name.equals(FeatureNetworks.FASHION_CNN)) {
      throw new UserException(
          "there is no feature network '%s' to train; there is %s"
              .formatted(name, FeatureNetworks.FASHION_CNN));
    }
    if (epochs != null && epochs < 1) {
      throw new UserException("--epochs must be at least 1, but is " + epochs);
    }
    OutputFiles.check(out, "--out", ".safetensors");
    OutputFiles.checkNew(out, force);
    ImageDataset training = Datasets.open(data);
    ImageDataset testing = Datasets.open(testSet());
    FashionCnnTrainer.Settings settings = FashionCnnTrainer.Settings.STANDARD;
    settings = epochs == null ? settings : settings.withEpochs(epochs);
    settings = seed == null ? settings : settings.withSeed(seed);
    Console console = Console.system(json);
    console.human(
        "Training %s on %s images, testing on %s"
            .formatted(name, Numbers.grouped(training.count()), Numbers.grouped(testing.count())));
    FashionCnnWeights weights =
        new FashionCnnTrainer(training, testing, settings)
            .train(progress -> show(progress, console));
    weights.write(out);
    console.human("Weights: " + out);
    console.json(Json.event("weights").put("file", out.toString()));
    return ExitCode.DONE;
  }

  private String testSet() {
    if (test != null) {
      return test;
    }
    if (IdxDataset.isFolder(Path.of(data))) {
      return data + "#t10k";
    }
    throw new UserException("--test is missing: name the labelled images to test on");
  }

  private static void show(FashionCnnTrainer.Progress progress, Console console) {
    console.human(
        String.format(
            Locale.ROOT,
            "epoch %d/%d  loss %.4f  test accuracy %.2f %%  %s",
            progress.epoch(),
            progress.epochs(),
            progress.loss(),
            100 * progress.testAccuracy(),
            Numbers.duration(progress.seconds())));
    console.json(
        Json.event("epoch")
            .put("epoch", progress.epoch())
            .put("epochs", progress.epochs())
            .put("loss", progress.loss())
            .put("test_accuracy", progress.testAccuracy())
            .put("seconds", progress.seconds()));
  }
}
