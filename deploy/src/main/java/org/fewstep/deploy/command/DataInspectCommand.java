package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.fewstep.config.LatentConfig;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.data.DatasetSummary;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageGrid;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.latent.LatentView;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what is in a data set. */
@Command(
    name = "inspect",
    description = "Reads a whole data set and shows what is in it, as a training would see it.")
public final class DataInspectCommand implements Callable<Integer> {
  private static final int GRID_IMAGES = 64;

  /** Half a gigabyte as they are drawn. */
  private static final int GRID_NUMBERS = 1 << 26;

  @Parameters(paramLabel = "SRC", description = "whatever data.path takes")
  private String source = "";

  @Option(
      names = "--grid",
      paramLabel = "FILE.png",
      description =
          "draw up to "
              + GRID_IMAGES
              + " images (fewer if they are very large), evenly spread over the set; replaces the"
              + " file if it exists")
  private @Nullable Path grid;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    if (grid != null) {
      OutputFiles.check(grid, "--grid", ".png");
    }
    Console console = Console.system(json);
    ImageDataset dataset = Datasets.open(source);
    List<String> classNames = Datasets.classNames(source);
    DatasetSummary summary = DatasetSummary.of(dataset);
    show(dataset, summary, classNames, console);
    console.json(object(dataset, summary, classNames));
    if (grid != null) {
      draw(dataset, grid);
      console.human("  grid         " + grid);
    }
    return ExitCode.DONE;
  }

  private void show(
      ImageDataset dataset, DatasetSummary summary, List<String> classNames, Console console) {
    console.human(source);
    console.human(
        "  images       %s of %s".formatted(Numbers.grouped(dataset.count()), dataset.shape()));
    console.human(
        "  mean         %s per channel, of values from -1 to 1".formatted(listed(summary.mean())));
    console.human("  deviation    %s per channel".formatted(listed(summary.std())));
    console.human("  fingerprint  " + dataset.fingerprint());
    console.human("  classes      " + (dataset.classes() == 0 ? "none" : dataset.classes()));
    for (int label = 0; label < dataset.classes(); label++) {
      int count = summary.imagesPerClass()[label];
      console.human(
          String.format(
                  Locale.ROOT,
                  "  %9d  %,9d (%.1f %%)  %s",
                  label,
                  count,
                  100.0 * count / dataset.count(),
                  label < classNames.size() ? classNames.get(label) : "")
              .stripTrailing());
    }
  }

  private Json object(ImageDataset dataset, DatasetSummary summary, List<String> classNames) {
    return Json.object()
        .put("data_path", source)
        .put("images", dataset.count())
        .put("shape", dataset.shape().toString())
        .put("classes", dataset.classes())
        .put("images_per_class", Arrays.stream(summary.imagesPerClass()).boxed().toList())
        .put("class_names", classNames)
        .put("mean", Arrays.stream(summary.mean()).boxed().toList())
        .put("std", Arrays.stream(summary.std()).boxed().toList())
        .put("fingerprint", dataset.fingerprint())
        .put("grid", grid == null ? null : grid.toString());
  }

  private static String listed(double[] values) {
    return Arrays.stream(values)
        .mapToObj(value -> String.format(Locale.ROOT, "%.4f", value))
        .collect(Collectors.joining(" "));
  }

  /** How many images are drawn: one at least. */
  static int gridImages(int count, ImageShape shape) {
    int fitting = Math.max(1, GRID_NUMBERS / shape.size());
    return Math.min(count, Math.min(GRID_IMAGES, fitting));
  }

  private static void draw(ImageDataset dataset, Path file) {
    ImageShape shape = dataset.shape();
    int count = gridImages(dataset.count(), shape);
    int size = shape.size();
    double[] images = new double[count * size];
    for (int i = 0; i < count; i++) {
      dataset.read((int) ((long) i * dataset.count() / count), images, i * size);
    }
    try (LatentView view = LatentView.open(LatentConfig.NONE, shape, "")) {
      ImageGrid.write(
          file,
          view == null ? images : view.pictures(images, count),
          view == null ? shape : view.pictures(),
          (int) Math.ceil(Math.sqrt(count)));
    }
  }
}
