package org.fewstep.deploy.command;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.fewstep.config.UserException;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.tests.bench.TransferBench;
import org.fewstep.tests.bench.TransferResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Parameters between two processes against a bare socket. */
@Command(
    name = "transfer",
    description = {
      "Times how parameters travel between two processes of this machine, in turns with a bare"
          + " socket that carries as many bytes.",
      "",
      "mib is what travels: bfloat16 halves it. small_message_p99_ms is the time that 99 of 100"
          + " small messages keep to, there and back, while tensors travel. Both processes share"
          + " the machine's cores, so what counts is the share of the socket."
    })
public final class BenchTransferCommand implements Callable<Integer> {
  /** Both ends hold the tensor several times over in 2 GiB. */
  private static final int MAX_MIB = 256;

  @Option(
      names = "--mib",
      defaultValue = "64",
      paramLabel = "N",
      description = "size of the tensor as float32 (default: ${DEFAULT-VALUE})")
  private int mib;

  @Option(
      names = "--rounds",
      defaultValue = "20",
      paramLabel = "N",
      description = "pairs of measurements (default: ${DEFAULT-VALUE})")
  private int rounds;

  @Option(names = "--json", description = "print one JSON object per codec")
  private boolean json;

  @Override
  public Integer call() {
    if (mib < 1 || mib > MAX_MIB) {
      throw new UserException("--mib must be from 1 to %d, but is %d".formatted(MAX_MIB, mib));
    }
    if (rounds < 1) {
      throw new UserException("--rounds must be at least 1, but is " + rounds);
    }
    Console console = Console.system(json);
    List<TransferResult> results = new TransferBench(mib, rounds, console::note).run();
    console.human("a tensor of %d MiB between two processes, %d rounds".formatted(mib, rounds));
    console.human("  codec       travels         ours  bare socket  share  small p99  spread");
    for (TransferResult result : results) {
      console.human(row(result));
      console.json(json(result));
    }
    return ExitCode.DONE;
  }

  private static String row(TransferResult result) {
    return String.format(
        Locale.ROOT,
        "  %-9s %6.1f MiB %6.0f MiB/s %6.0f MiB/s %5.2f %8.1f ms  %4.0f %%",
        result.codec(),
        result.mib(),
        result.mibPerSecond(),
        result.rawSocketMibPerSecond(),
        result.shareOfRawSocket(),
        result.smallMessageP99Millis(),
        100 * result.rounds().spread());
  }

  private static Json json(TransferResult result) {
    return Json.object()
        .put("codec", result.codec())
        .put("mib", result.mib())
        .put("mib_per_s", result.mibPerSecond())
        .put("share_of_raw_socket", result.shareOfRawSocket())
        .put("small_message_p99_ms", result.smallMessageP99Millis())
        .put("spread", result.rounds().spread());
  }
}
