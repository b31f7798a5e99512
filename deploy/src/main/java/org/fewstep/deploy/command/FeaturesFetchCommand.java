package org.fewstep.deploy.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.data.NsfwjsInception;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.Folders;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.metrics.FeatureNetworks;
import org.fewstep.model.metrics.inception.TrunkFeatures;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fetches a feature network that a package registry ships. */
@Command(
    name = "fetch",
    description = {
      "Fetches a feature network: nsfwjs-inception, the ImageNet layers (up to mixed5) of the"
          + " Inception-v3 in the npm package nsfwjs 4.4.0 (MIT), a filter of indecent pictures. Only"
          + " its feature layers are used; scores on it are called FD[inception-v3-nsfwjs/mixed5] and"
          + " do not compare with FID.",
      "",
      "Needs npm; without it --from takes the package. Checksums are checked."
    })
public final class FeaturesFetchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "NAME", description = "nsfwjs-inception")
  private String name = "";

  @Option(
      names = "--out",
      defaultValue = FeatureNetworks.NSFWJS_FILE,
      paramLabel = "FILE.safetensors",
      description = "weights to write (default: ${DEFAULT-VALUE}, where --features looks)")
  private Path out = Path.of("");

  @Option(
      names = "--from",
      paramLabel = "FILE.tgz",
      description = "the package, instead of a download")
  private @Nullable Path from;

  @Option(names = "--force", description = "replace a file that exists")
  private boolean force;

  @Option(names = "--json", description = "print a JSON object")
  private boolean json;

  @Override
  public Integer call() {
    if (!name.equals(TrunkFeatures.KIND)) {
      throw new UserException(
          "there is no feature network '%s' to fetch; there is %s"
              .formatted(name, TrunkFeatures.KIND));
    }
    OutputFiles.check(out, "--out", ".safetensors");
    OutputFiles.checkNew(out, force);
    Path work = workFolder();
    return RemovedOnSignal.during(
        () -> {
          AtomicFiles.abandon(out);
          remove(work);
        },
        () -> fetch(work));
  }

  private int fetch(Path work) {
    Console console = Console.system(json);
    try {
      console.note(from == null ? "fetching " + name + " ..." : "reading " + from + " ...");
      NsfwjsInception.fetch(from, work, out);
    } finally {
      remove(work);
    }
    console.human(
        "%s: 768 features an image; evaluate --features %s".formatted(out, TrunkFeatures.KIND));
    console.json(Json.object().put("file", out.toString()).put("dimensions", 768));
    return ExitCode.DONE;
  }

  private static Path workFolder() {
    try {
      return Files.createTempDirectory("fewstep-fetch-").toAbsolutePath();
    } catch (IOException e) {
      throw IoFailures.cannotWrite(Path.of(System.getProperty("java.io.tmpdir")), e);
    }
  }

  private static void remove(Path folder) {
    try {
      Folders.delete(folder);
    } catch (IOException | UncheckedIOException e) {
      // A temporary folder that another thread still writes to harms nobody.
    }
  }
}
