package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.config.Choices;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.deploy.output.PictureView;
import org.fewstep.model.data.Crop;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.PictureConversion;
import org.fewstep.model.data.PictureSource;
import org.fewstep.model.io.AtomicFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a data set from pictures. */
@Command(
    name = "convert",
    description = {
      "Makes a data set (a ZIP of PNG images with their labels, as EDM's and IMM's tools make it)"
          + " from pictures of any size or from another data set.",
      "",
      "Sub-folders of a folder are classes; in a .zip, dataset.json alone tells the classes."
          + " Transparent pixels become white, photographs are turned upright. If one picture has"
          + " colours, all get three channels. A picture that is damaged ends it; no file is left"
          + " then."
    })
public final class DataConvertCommand implements Callable<Integer> {
  private static final int MAX_SIZE = 4096;
  private static final int SHOWN_CLASSES = 20;

  @Parameters(
      paramLabel = "SRC",
      description =
          "a folder of pictures (PNG, JPEG, BMP, GIF), a .zip of such, IDX files, CIFAR-10's binary"
              + " version, builtin:NAME")
  private String source = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.zip",
      description = "the data set to write")
  private Path out = Path.of("");

  @Option(
      names = "--size",
      paramLabel = "PIXELS",
      description = "pixels a side of all images (default: they stay as they are)")
  private @Nullable Integer size;

  @Option(
      names = "--crop",
      defaultValue = "adm",
      paramLabel = "HOW",
      description =
          "how a picture becomes that square: adm (halved while it is twice too large, resampled,"
              + " and cropped to its centre, as ADM, EDM and IMM do) or center (the largest centred"
              + " square, resampled at once) (default: ${DEFAULT-VALUE})")
  private String crop = "";

  @Option(names = "--force", description = "replace --out if it exists")
  private boolean force;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    if (size != null && (size < 1 || size > MAX_SIZE)) {
      throw new UserException("--size must be from 1 to %d, but is %d".formatted(MAX_SIZE, size));
    }
    Crop how = Choices.parse(Crop.class, crop, "--crop");
    OutputFiles.check(out, "--out", ".zip");
    OutputFiles.checkOutside(out, "--out", source);
    OutputFiles.checkNew(out, force);
    return RemovedOnSignal.during(() -> AtomicFiles.abandon(out), () -> convert(how));
  }

  private int convert(Crop how) {
    Console console = Console.system(json);
    try (PictureSource pictures = Datasets.openPictures(source);
        PictureView view = new PictureView(console, "converting", pictures.count())) {
      ImageShape shape = new PictureConversion(pictures, size, how).write(out, view::done);
      console.human(describe(pictures, shape));
      console.json(
          Json.object()
              .put("file", out.toString())
              .put("images", pictures.count())
              .put("shape", shape.toString())
              .put("labelled", pictures.labelled()));
    }
    return ExitCode.DONE;
  }

  private String describe(PictureSource pictures, ImageShape shape) {
    return String.format(
        Locale.ROOT,
        "%s: %s of %s, %s; train on it with data.path=%s",
        out,
        Numbers.counted(pictures.count(), "image"),
        shape,
        classes(pictures),
        out);
  }

  /** What is told of the classes of a data set that was made. */
  static String classes(PictureSource pictures) {
    List<String> names = pictures.classNames();
    if (!pictures.labelled()) {
      return "without labels";
    }
    if (names.isEmpty()) {
      return "with labels";
    }
    return names.size() > SHOWN_CLASSES
        ? "in %s classes".formatted(Numbers.grouped(names.size()))
        : "in the classes " + String.join(", ", names);
  }
}
