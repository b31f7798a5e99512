package org.fewstep.tests.bench.transfer;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.TrainerMessage;
import org.fewstep.protocol.Verdict;
import org.fewstep.tests.bench.Contender;
import org.fewstep.tests.bench.ContenderLoop;
import org.fewstep.tests.bench.TransferCase;

/** The end that has the tensor, and that answers small messages. */
public final class HolderMain {
  static final String HOLDER = "holder";
  static final String CONTROL = "control";
  static final String RAW_PORT = "raw-port";

  private HolderMain() {}

  /**
   * @param arguments folder, elements
   */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    float[] tensor = TransferCase.tensor(Integer.parseInt(arguments[1]));
    BenchNode<ServerMessage> node = BenchNode.start("holder", echo());
    RawSender raw = RawSender.start(tensor.length * Float.BYTES);
    Properties says = new Properties();
    for (TensorCodec codec : TensorCodec.values()) {
      TensorTicket ticket = node.transport().offer(tensor, codec);
      says.setProperty(codec.name(), ticket.transferId());
      says.setProperty(HOLDER, ticket.holder());
    }
    says.setProperty(CONTROL, node.actorAddress());
    says.setProperty(RAW_PORT, Integer.toString(raw.port()));
    try (Writer file = Files.newBufferedWriter(folder.resolve(TransferCase.FILE))) {
      says.store(file, null);
    }
    ContenderLoop.serve(new Holder(node, raw));
  }

  /** Answers a trainer's question with what a trainer is told most often. */
  private static Behavior<ServerMessage> echo() {
    return Behaviors.receive(ServerMessage.class)
        .onMessage(
            ServerMessage.PullSnapshot.class,
            pull -> {
              pull.replyTo().tell(new TrainerMessage.PushAck(pull.minVersion(), Verdict.ACCEPTED));
              return Behaviors.same();
            })
        .build();
  }

  private record Holder(BenchNode<ServerMessage> node, RawSender raw) implements Contender {
    @Override
    public Map<String, Runnable> tasks() {
      return Map.of();
    }

    @Override
    public Map<String, Double> facts() {
      return Map.of();
    }

    @Override
    public void close() {
      raw.close();
      node.close();
    }
  }
}
