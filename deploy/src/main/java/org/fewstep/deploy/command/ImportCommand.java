package org.fewstep.deploy.command;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.DenoiserSpec;
import org.fewstep.model.checkpoint.imported.ImportedWeights;
import org.fewstep.model.io.AtomicFiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes weights of our own of another program's. */
@Command(
    name = "import",
    description = {
      "Makes a weights file, with its architecture in the header, of weights that another program"
          + " wrote: an official pickle of IMM or EDM, a file of PyTorch's or safetensors.",
      "",
      "Nothing in the file is executed. Tensors that are missing, surplus or of another shape than"
          + " the architecture asks for are listed, and no file is written then."
    })
public final class ImportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "a .pkl, .pt, .pth or .safetensors file")
  private Path file = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "WEIGHTS.safetensors",
      description = "the weights file to write")
  private Path out = Path.of("");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "the architecture, if FILE does not say it: a .json file with the official configuration,"
              + " or weights of the same architecture")
  private @Nullable Path config;

  @Option(
      names = "--prefix",
      paramLabel = "TEXT",
      description =
          "what the names of the wanted tensors begin with, such as ema.model. (default: what fits)")
  private @Nullable String prefix;

  @Option(names = "--force", description = "replace --out if it exists")
  private boolean force;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() {
    OutputFiles.check(out, "--out", ".safetensors");
    OutputFiles.checkNew(out, force);
    ImportedWeights weights = ImportedWeights.read(file, new ImportedWeights.Hints(config, prefix));
    RemovedOnSignal.during(
        () -> AtomicFiles.abandon(out),
        () -> {
          weights.write(out);
          return out;
        });
    Console console = Console.system(json);
    if (!weights.ignored().isEmpty()) {
      console.note(
          "fewstep: settings that mean nothing here: " + String.join(", ", weights.ignored()));
    }
    console.human(
        "%s: %s parameters in %s tensors, for images of %s; %s"
            .formatted(
                out,
                Numbers.grouped(weights.table().parameterCount()),
                Numbers.grouped(weights.table().entries().size()),
                weights.spec().network().shape(),
                weights.spec() instanceof DenoiserSpec
                    ? "a denoiser with one time, of which few-step samples cannot be drawn"
                    : "draw from it by ./fewstep sample --from " + out));
    if (weights.leftOut() > 0) {
      console.human(
          "%s under other names than %s... were left out"
              .formatted(Numbers.counted(weights.leftOut(), "tensor"), weights.prefix()));
    }
    console.json(
        Json.object()
            .put("file", out.toString())
            .put("parameters", weights.table().parameterCount())
            .put("tensors", weights.table().entries().size())
            .put("left_out", weights.leftOut())
            .put("prefix", weights.prefix())
            .put("config", Json.parse(weights.spec().toJson())));
    return ExitCode.DONE;
  }
}
