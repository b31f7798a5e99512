package org.fewstep.tests.bench.transfer;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.function.DoubleSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.tests.bench.Contender;
import org.fewstep.tests.bench.ContenderLoop;
import org.fewstep.tests.bench.TransferCase;

/** The end that wants the tensor; it is timed. */
public final class ReaderMain {
  private ReaderMain() {}

  /**
   * @param arguments folder, elements
   */
  public static void main(String[] arguments) throws IOException {
    Properties says = new Properties();
    try (Reader file = Files.newBufferedReader(Path.of(arguments[0]).resolve(TransferCase.FILE))) {
      says.load(file);
    }
    Fetching fetching = new Fetching(says, Integer.parseInt(arguments[1]));
    fetching.checkValues();
    ContenderLoop.serve(fetching);
  }

  private static final class Fetching implements Contender {
    private final int elements;
    private final Properties says;
    private final SmallMessages messages = new SmallMessages();
    private final BenchNode<TrainerMessage> node;
    private final ActorRef<ServerMessage> control;
    private final RawReader raw;

    Fetching(Properties says, int elements) throws IOException {
      this.says = says;
      this.elements = elements;
      node = BenchNode.start("reader", messages.answers());
      control = node.resolve(says.getProperty(HolderMain.CONTROL));
      raw = new RawReader(Integer.parseInt(says.getProperty(HolderMain.RAW_PORT)));
    }

    /** What is fast and wrong is worth nothing. */
    void checkValues() {
      float[] expected = TransferCase.tensor(elements);
      for (TensorCodec codec : TensorCodec.values()) {
        if (!Arrays.equals(fetch(codec), codec.seenByReaders(expected))) {
          throw new IllegalStateException("the tensor arrived changed: " + codec);
        }
      }
    }

    @Override
    public Map<String, Runnable> tasks() {
      Map<String, Runnable> tasks = new HashMap<>();
      for (TensorCodec codec : TensorCodec.values()) {
        String ours = TransferCase.ours(codec);
        int bytes = elements * codec.bytesPerElement();
        tasks.put(ours, () -> messages.during(ours, control, node.actor(), () -> fetch(codec)));
        tasks.put(TransferCase.rawSocket(codec), () -> raw.read(bytes));
      }
      tasks.put(TransferCase.FORGET, messages::forget);
      return tasks;
    }

    private float[] fetch(TensorCodec codec) {
      TensorTicket ticket =
          new TensorTicket(
              says.getProperty(codec.name()), elements, codec, says.getProperty(HolderMain.HOLDER));
      return node.transport().fetch(ticket).toCompletableFuture().join();
    }

    @Override
    public Map<String, DoubleSupplier> measures() {
      Map<String, DoubleSupplier> measures = new HashMap<>();
      for (TensorCodec codec : TensorCodec.values()) {
        measures.put(
            TransferCase.smallMessageP99Millis(codec),
            () -> messages.p99Millis(TransferCase.ours(codec)));
      }
      return measures;
    }

    @Override
    public Map<String, Double> facts() {
      return Map.of();
    }

    @Override
    public void close() {
      raw.close();
      messages.close();
      node.close();
    }
  }
}
