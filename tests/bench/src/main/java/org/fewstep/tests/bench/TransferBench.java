package org.fewstep.tests.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.fewstep.model.io.Folders;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.tests.bench.transfer.HolderMain;
import org.fewstep.tests.bench.transfer.ReaderMain;

/**
 * Times the transfer of a tensor between two processes over the loopback, in turns with a bare
 * socket that carries as many bytes between the same processes.
 *
 * <p>Sender and receiver share the machine's cores, so a node of its own is faster, and nothing is
 * said about network cards: what counts is the share of the bare socket.
 */
public final class TransferBench {
  private static final double WARM_UP_MILLIS = 3000;
  private static final int BYTES_PER_MIB = 1 << 20;

  private final int mib;
  private final int rounds;
  private final double warmUpMillis;
  private final Consumer<String> notes;

  /**
   * @param mib of the tensor as float32
   * @param rounds pairs of measurements
   * @param notes is told what takes time
   */
  public TransferBench(int mib, int rounds, Consumer<String> notes) {
    this(mib, rounds, WARM_UP_MILLIS, notes);
  }

  TransferBench(int mib, int rounds, double warmUpMillis, Consumer<String> notes) {
    this.mib = mib;
    this.rounds = rounds;
    this.warmUpMillis = warmUpMillis;
    this.notes = notes;
  }

  /** One result for each codec. */
  public List<TransferResult> run() {
    String classPath = System.getProperty("java.class.path");
    int elements = mib * (BYTES_PER_MIB / Float.BYTES);
    try {
      Path folder = Files.createTempDirectory("fewstep-bench");
      try {
        List<String> arguments = List.of(folder.toString(), Integer.toString(elements));
        try (ContenderProcess holder =
                ContenderProcess.start(
                    HolderMain.class, classPath, 1, folder, arguments, Map.of());
            ContenderProcess reader =
                ContenderProcess.start(
                    ReaderMain.class, classPath, 1, folder, arguments, Map.of())) {
          notes.accept("two processes, warming up ...");
          return measure(reader);
        }
      } finally {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<TransferResult> measure(ContenderProcess reader) {
    List<Meeting> meetings = new ArrayList<>();
    for (TensorCodec codec : TensorCodec.values()) {
      meetings.add(
          new Meeting(
              TransferCase.ours(codec),
              reader,
              TransferCase.rawSocket(codec),
              reader,
              rounds,
              warmUpMillis));
    }
    reader.millis(TransferCase.FORGET, 1);
    for (int round = 0; round < rounds; round++) {
      for (Meeting meeting : meetings) {
        meeting.round(round);
      }
    }
    List<TransferResult> results = new ArrayList<>();
    for (TensorCodec codec : TensorCodec.values()) {
      results.add(
          new TransferResult(
              TransferCase.ours(codec),
              (double) mib * codec.bytesPerElement() / Float.BYTES,
              meetings.get(codec.ordinal()).rounds(),
              reader.measure(TransferCase.smallMessageP99Millis(codec))));
    }
    return results;
  }
}
