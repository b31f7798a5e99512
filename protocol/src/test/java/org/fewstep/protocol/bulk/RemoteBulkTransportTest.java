package org.fewstep.protocol.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two actor systems over Artery's TCP on the loopback. */
class RemoteBulkTransportTest {
  private static final int CHUNK = BulkSettings.MAX_CHUNK_BYTES / Float.BYTES;

  private static Node sender;
  private static Node reader;

  /** An actor system with a transport whose arriving chunks can be tampered with. */
  private static final class Node {
    private final ActorSystem<Void> system;
    private final RemoteBulkTransport transport;
    private volatile ChunkFilter filter = ChunkFilter.NONE;

    Node(String name) {
      CompletableFuture<RemoteBulkTransport> started = new CompletableFuture<>();
      system =
          ActorSystem.create(
              Behaviors.setup(
                  guardian -> {
                    started.complete(
                        RemoteBulkTransport.spawn(
                            guardian,
                            BulkSettings.DEFAULT,
                            (chunk, onward) -> filter.pass(chunk, onward)));
                    return Behaviors.empty();
                  }),
              name,
              configuration());
      transport = started.orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static Config configuration() {
      Config loopback =
          ConfigFactory.parseString(
              """
              pekko {
                loglevel = ERROR
                actor.provider = remote
                remote.use-unsafe-remote-features-outside-cluster = on
                remote.warn-about-direct-use = off
                remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                remote.artery.advanced.large-buffer-pool-size = 8
              }
              """);
      return ConfigFactory.load(loopback.withFallback(RemoteBulkTransport.arterySettings()));
    }

    void stop() {
      system.terminate();
      system.getWhenTerminated().toCompletableFuture().join();
    }
  }

  @BeforeAll
  static void start() {
    sender = new Node("sender");
    reader = new Node("reader");
  }

  @AfterEach
  void mend() {
    reader.filter = ChunkFilter.NONE;
  }

  @AfterAll
  static void stop() {
    sender.stop();
    reader.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 0, 0",
    "FLOAT32, 0, 1",
    "FLOAT32, 1, -1",
    "FLOAT32, 1, 0",
    "FLOAT32, 1, 1",
    "FLOAT32, 9, 5",
    "BFLOAT16, 0, 0",
    "BFLOAT16, 0, 1",
    "BFLOAT16, 2, -1",
    "BFLOAT16, 2, 0",
    "BFLOAT16, 2, 1",
    "BFLOAT16, 17, 5"
  })
  void shouldArriveBitForBitWhenATensorTravels(TensorCodec codec, int chunks, int more)
      throws Exception {
    float[] tensor = Tensors.ofLength(chunks * CHUNK + more);
    TensorTicket ticket = sender.transport.offer(tensor, codec);

    float[] there = get(reader.transport.fetch(ticket));
    float[] here = get(sender.transport.fetch(ticket));
    sender.transport.release(ticket);

    assertThat(ticket.codec()).isEqualTo(codec);
    assertThat(Tensors.bits(there)).isEqualTo(Tensors.bits(codec.seenByReaders(tensor)));
    assertThat(Tensors.bits(here)).isEqualTo(Tensors.bits(there));
  }

  @Test
  void shouldHandOverTheSameArrayWhenAFloat32TensorStaysAtHome() throws Exception {
    float[] tensor = Tensors.ofLength(3);
    TensorTicket ticket = sender.transport.offer(tensor);

    assertThat(get(sender.transport.fetch(ticket))).isSameAs(tensor);
    sender.transport.release(ticket);
  }

  @Test
  void shouldServeEveryReaderWhenManyFetchAtOnceInBothDirections() throws Exception {
    float[] there = Tensors.ofLength(5 * CHUNK + 7);
    float[] here = Tensors.ofLength(4 * CHUNK + 3);
    TensorTicket first = sender.transport.offer(there);
    TensorTicket second = reader.transport.offer(here, TensorCodec.BFLOAT16);

    List<CompletionStage<float[]>> firsts = new ArrayList<>();
    List<CompletionStage<float[]>> seconds = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      firsts.add(reader.transport.fetch(first));
      seconds.add(sender.transport.fetch(second));
    }

    int[] expectedFirst = Tensors.bits(there);
    int[] expectedSecond = Tensors.bits(TensorCodec.BFLOAT16.seenByReaders(here));
    for (int i = 0; i < 4; i++) {
      assertThat(Tensors.bits(get(firsts.get(i)))).isEqualTo(expectedFirst);
      assertThat(Tensors.bits(get(seconds.get(i)))).isEqualTo(expectedSecond);
    }
    sender.transport.release(first);
    reader.transport.release(second);
  }

  @Test
  void shouldLetGoOfTheTensorWhenItsOnlyReaderReleasesIt() throws Exception {
    int before = sender.transport.held();
    TensorTicket ticket = sender.transport.offer(new float[5]);
    get(reader.transport.fetch(ticket));
    assertThat(sender.transport.held()).isEqualTo(before + 1);

    reader.transport.release(ticket);

    await().until(() -> sender.transport.held() == before);
    assertThatThrownBy(() -> get(reader.transport.fetch(ticket)))
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("tensor " + ticket.transferId() + " was released");
  }

  @Test
  void shouldFailWhenTheTensorIsNotAsLongAsItsTicketSays() {
    TensorTicket ticket = sender.transport.offer(new float[5]);
    TensorTicket wrong = withElements(ticket, 6);
    TensorTicket absurd = withElements(ticket, 1L << 40);

    assertThatThrownBy(() -> get(reader.transport.fetch(wrong)))
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("5 elements, its ticket says 6");
    assertThatThrownBy(() -> get(reader.transport.fetch(absurd)))
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("which no array holds");
    sender.transport.release(ticket);
  }

  @Test
  void shouldFailWhenTheTicketNamesNobody() {
    TensorTicket ticket = new TensorTicket("bulk-1", 5, TensorCodec.FLOAT32, "nobody");

    assertThatThrownBy(() -> get(reader.transport.fetch(ticket)))
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("\"nobody\", which is no address");
    reader.transport.release(ticket);
  }

  @Test
  void shouldArriveInTheEndWhenOneChunkIsDamagedOnTheWay() throws Exception {
    float[] tensor = Tensors.ofLength(12 * CHUNK);
    AtomicInteger seen = new AtomicInteger();
    reader.filter =
        (chunk, onward) ->
            onward.accept(seen.incrementAndGet() == 5 ? Tensors.damaged(chunk, 999_999) : chunk);
    TensorTicket ticket = sender.transport.offer(tensor);

    float[] arrived = get(reader.transport.fetch(ticket));
    sender.transport.release(ticket);

    assertThat(Tensors.bits(arrived)).isEqualTo(Tensors.bits(tensor));
    assertThat(seen).hasValue(13);
  }

  @Test
  void shouldFailWhenEveryChunkIsDamaged() {
    reader.filter = (chunk, onward) -> onward.accept(Tensors.damaged(chunk, 20));
    TensorTicket ticket = sender.transport.offer(Tensors.ofLength(3 * CHUNK));

    assertThatThrownBy(() -> get(reader.transport.fetch(ticket)))
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("arrived damaged 4 times");
    sender.transport.release(ticket);
  }

  @Test
  void shouldArriveBitForBitWhenChunksComeTwiceAndInAnotherOrder() throws Exception {
    float[] tensor = Tensors.ofLength(16 * CHUNK);
    List<TensorChunk> heldBack = new ArrayList<>();
    reader.filter =
        (chunk, onward) -> {
          heldBack.add(chunk);
          if (heldBack.size() == 4) {
            for (int i = 3; i >= 0; i--) {
              onward.accept(heldBack.get(i));
              onward.accept(heldBack.get(i));
            }
            heldBack.clear();
          }
        };
    TensorTicket ticket = sender.transport.offer(tensor);

    float[] arrived = get(reader.transport.fetch(ticket));
    sender.transport.release(ticket);

    assertThat(Tensors.bits(arrived)).isEqualTo(Tensors.bits(tensor));
  }

  @Test
  void shouldFailTheFetchWhenTheSenderEndsInTheMiddleOfIt() throws Exception {
    Node mortal = new Node("mortal");
    CountDownLatch begun = new CountDownLatch(2);
    reader.filter =
        (chunk, onward) -> {
          if (begun.getCount() > 0) {
            onward.accept(chunk);
            begun.countDown();
          }
        };
    TensorTicket ticket = mortal.transport.offer(Tensors.ofLength(12 * CHUNK));

    CompletionStage<float[]> fetched = reader.transport.fetch(ticket);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    mortal.stop();

    assertThatThrownBy(() -> get(fetched))
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("ended with its holder")
        .hasMessageContaining("2 of 12 chunks had come");
    assertThat(mortal.transport.held()).isZero();
  }

  @Test
  void shouldFailTheFetchWhenTheReaderItselfEnds() throws Exception {
    Node mortal = new Node("mortal");
    CountDownLatch begun = new CountDownLatch(1);
    mortal.filter = (chunk, onward) -> begun.countDown();
    TensorTicket ticket = sender.transport.offer(Tensors.ofLength(2 * CHUNK));

    CompletionStage<float[]> fetched = mortal.transport.fetch(ticket);
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    mortal.stop();

    assertThatThrownBy(() -> get(fetched)).hasCauseInstanceOf(TransferFailedException.class);
    assertThatThrownBy(() -> get(mortal.transport.fetch(ticket)))
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining("has stopped");
    sender.transport.release(ticket);
  }

  @Test
  void shouldRefuseToStartWhenItsChunksWouldHoldUpOtherMessages() {
    Config ordinary =
        ConfigFactory.parseString("pekko.remote.artery.large-message-destinations = []")
            .withFallback(Node.configuration());
    assertThatThrownBy(() -> RemoteBulkTransport.check(ordinary, BulkSettings.DEFAULT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("lacks \"/user/bulk/**\"");
    Config narrow =
        ConfigFactory.parseString("pekko.remote.artery.advanced.maximum-large-frame-size = 1 MiB")
            .withFallback(Node.configuration());
    assertThatThrownBy(() -> RemoteBulkTransport.check(narrow, BulkSettings.DEFAULT))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("1048576 bytes, too few");
  }

  private static TensorTicket withElements(TensorTicket ticket, long elements) {
    return new TensorTicket(ticket.transferId(), elements, ticket.codec(), ticket.holder());
  }

  private static float[] get(CompletionStage<float[]> fetched) throws Exception {
    return fetched.toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
