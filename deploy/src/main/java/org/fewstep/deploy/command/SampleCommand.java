package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.ModelSource;
import org.fewstep.model.data.ImageGrid;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.sampler.SampleSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws images from a model: a grid for each number of steps. */
@Command(name = "sample", description = "Draws images from a model: one grid per number of steps.")
public final class SampleCommand implements Callable<Integer> {
  private static final int BATCH_IMAGES = 100;
  private static final int MAX_IMAGES = 10_000;
  private static final String SUFFIX = ".png";

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--count",
      defaultValue = "64",
      paramLabel = "N",
      description = "images on a grid (default: ${DEFAULT-VALUE})")
  private int count;

  @Option(
      names = "--class",
      paramLabel = "C",
      description = "class of all images (default: classes drawn at random)")
  private @Nullable Integer onlyClass;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.png",
      description =
          "the grid; with several numbers of steps there are FILE-1step.png, FILE-2step.png and so"
              + " on; replaces files that exist")
  private Path out = Path.of("");

  @Option(names = "--json", description = "print one JSON object per grid")
  private boolean json;

  @Override
  public Integer call() {
    model.check();
    if (count < 1 || count > MAX_IMAGES) {
      throw new UserException(
          "--count must be from 1 to %d, but is %d".formatted(MAX_IMAGES, count));
    }
    OutputFiles.check(out, "--out", SUFFIX);
    ModelSource opened = model.open();
    SampleSource source =
        model.source(opened, onlyClass == null ? OptionalInt.empty() : OptionalInt.of(onlyClass));
    if ((long) count * source.shape().size() > Integer.MAX_VALUE) {
      throw new UserException(
          "--count must be at most %d with images of %s, but is %d"
              .formatted(Integer.MAX_VALUE / source.shape().size(), source.shape(), count));
    }
    Console console = Console.system(json);
    if (!source.drawsPictures()) {
      console.note(
          "this model draws latents: the grids show their channels side by side; --decoder FILE.onnx"
              + " shows pictures");
    }
    files().forEach((steps, file) -> draw(source, opened, steps, file, console));
    return ExitCode.DONE;
  }

  private void draw(
      SampleSource source, ModelSource opened, int steps, Path file, Console console) {
    long start = System.nanoTime();
    ImageShape shape = source.shape();
    double[] images = new double[count * shape.size()];
    for (int first = 0; first < count; first += BATCH_IMAGES) {
      double[] batch = source.draw(steps, first, Math.min(BATCH_IMAGES, count - first));
      System.arraycopy(batch, 0, images, first * shape.size(), batch.length);
    }
    ImageGrid.write(file, images, shape, (int) Math.ceil(Math.sqrt(count)));
    double seconds = (System.nanoTime() - start) / 1e9;
    console.human(
        "%s: %s in %s (%s)"
            .formatted(
                file,
                Numbers.counted(count, "image"),
                steps == 1 ? "1 step" : Numbers.grouped(steps) + " steps",
                Numbers.duration(seconds)));
    console.json(
        Json.object()
            .put("file", file.toString())
            .put("steps", steps)
            .put("network_evaluations", source.networkEvaluations(steps))
            .put("count", count)
            .put("track", opened.track())
            .put("images", opened.images())
            .put("sampler", source.plan().samplerLabel())
            .put("time_grid", source.plan().timeGrid().name())
            .put("guidance", source.plan().guidance())
            .put("seed", source.plan().seed())
            .put("seconds", seconds));
  }

  private Map<Integer, Path> files() {
    Map<Integer, Path> files = new LinkedHashMap<>();
    String name = out.getFileName().toString();
    String stem = name.substring(0, name.length() - SUFFIX.length());
    for (int steps : model.steps()) {
      boolean single = model.steps().size() == 1;
      files.put(steps, single ? out : out.resolveSibling(stem + "-" + steps + "step" + SUFFIX));
    }
    return files;
  }
}
