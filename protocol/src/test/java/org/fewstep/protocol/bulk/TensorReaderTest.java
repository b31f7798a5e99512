package org.fewstep.protocol.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.fewstep.protocol.bulk.HolderMessage.AskChunk;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A reader against a holder that does whatever a network may do. */
class TensorReaderTest {
  private static final ActorTestKit KIT = ActorTestKit.create(ManualTime.config());
  private static final ManualTime TIME = ManualTime.get(KIT.system());

  private static final int CHUNK = 4;
  private static final int CREDIT = 3;
  private static final int REPEATS = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final BulkSettings SETTINGS =
      new BulkSettings(CHUNK * Float.BYTES, CREDIT, PATIENCE, REPEATS);

  private static final float[] TENSOR = Tensors.ofLength(5 * CHUNK + 1);

  private final TestProbe<HolderMessage> holder = KIT.createTestProbe();
  private final CompletableFuture<float[]> result = new CompletableFuture<>();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void shouldAskForNoMoreThanItHasCreditFor() throws Exception {
    ActorRef<ReaderMessage> reader = read();

    List<AskChunk> first = expectAsked(CREDIT);
    assertThat(first).extracting(AskChunk::first).containsExactly(0, CHUNK, 2 * CHUNK);
    holder.expectNoMessage();
    reader.tell(chunk(first.get(0)));

    assertThat(expectAsked(1)).extracting(AskChunk::first).containsExactly(3 * CHUNK);
    holder.expectNoMessage();
  }

  @Test
  void shouldPutChunksWhereTheyBelongWhenTheyComeReorderedAndTwice() throws Exception {
    ActorRef<ReaderMessage> reader = read();

    List<AskChunk> asked = expectAsked(CREDIT);
    for (int i = CREDIT - 1; i >= 0; i--) {
      reader.tell(chunk(asked.get(i)));
      reader.tell(chunk(asked.get(i)));
    }
    List<AskChunk> rest = expectAsked(3);
    assertThat(rest.get(2).count()).isEqualTo(1);
    reader.tell(chunk(rest.get(2)));
    reader.tell(chunk(asked.get(0)));
    reader.tell(chunk(rest.get(0)));
    assertThat(result).isNotDone();
    reader.tell(chunk(rest.get(1)));

    assertThat(Tensors.bits(arrived())).isEqualTo(Tensors.bits(TENSOR));
    holder.expectTerminated(reader);
  }

  @Test
  void shouldAskAgainWhenAChunkIsDamaged() throws Exception {
    ActorRef<ReaderMessage> reader = read();

    List<AskChunk> asked = expectAsked(CREDIT);
    for (int i = 0; i < REPEATS; i++) {
      reader.tell(Tensors.damaged(chunk(asked.get(1)), 30));
      assertThat(expectAsked(1)).containsExactly(asked.get(1));
    }
    asked.forEach(ask -> reader.tell(chunk(ask)));
    expectAsked(3).forEach(ask -> reader.tell(chunk(ask)));

    assertThat(Tensors.bits(arrived())).isEqualTo(Tensors.bits(TENSOR));
  }

  @Test
  void shouldFailWhenAChunkIsDamagedAgainAndAgain() throws Exception {
    ActorRef<ReaderMessage> reader = read();

    List<AskChunk> asked = expectAsked(CREDIT);
    for (int i = 0; i <= REPEATS; i++) {
      reader.tell(Tensors.damaged(chunk(asked.get(1)), 30));
    }

    assertFails("tensor bulk-1 arrived damaged 3 times at element 4 (0 of 6 chunks had come)");
    holder.expectTerminated(reader);
  }

  @Test
  void shouldWaitForSilenceWhenTheDamageHidesWhichChunkItIs() throws Exception {
    ActorRef<ReaderMessage> reader = read();

    List<AskChunk> asked = expectAsked(CREDIT);
    int highestByteOfFirst = 11;
    reader.tell(Tensors.damaged(chunk(asked.get(1)), highestByteOfFirst));
    holder.expectNoMessage();
    TIME.timePasses(PATIENCE);

    assertThat(expectAsked(CREDIT)).isEqualTo(asked);
  }

  @Test
  void shouldAskAgainForAllThatIsOwedWhenChunksAreLost() throws Exception {
    ActorRef<ReaderMessage> reader = read();

    List<AskChunk> asked = expectAsked(CREDIT);
    reader.tell(chunk(asked.get(1)));
    AskChunk fourth = expectAsked(1).get(0);
    for (int i = 0; i < REPEATS; i++) {
      TIME.timePasses(PATIENCE);
      assertThat(expectAsked(3)).containsExactly(asked.get(0), asked.get(2), fourth);
    }
    reader.tell(chunk(asked.get(0)));
    AskChunk fifth = expectAsked(1).get(0);

    // Something came, so patience begins anew.
    for (int i = 0; i < REPEATS; i++) {
      TIME.timePasses(PATIENCE);
      assertThat(expectAsked(3)).containsExactly(asked.get(2), fourth, fifth);
    }
    assertThat(result).isNotDone();
    TIME.timePasses(PATIENCE);

    assertFails("for 15000 ms (2 of 6 chunks had come)");
    holder.expectTerminated(reader);
  }

  @Test
  void shouldFailWhenTheHolderRefuses() throws Exception {
    read().tell(new ReaderMessage.Refused("tensor bulk-1 was released"));

    assertFails("tensor bulk-1 was released");
  }

  @Test
  void shouldFailWhenTheHolderEnds() throws Exception {
    read();
    expectAsked(CREDIT);

    holder.stop();

    assertFails("tensor bulk-1 ended with its holder");
  }

  @Test
  void shouldFailWhenItIsStoppedItself() throws Exception {
    ActorRef<ReaderMessage> reader = read();
    expectAsked(CREDIT);

    KIT.stop(reader);

    assertFails("tensor bulk-1 was not brought to its end");
  }

  @Test
  void shouldFailWhenAnIntactChunkIsNotOfThisTensor() throws Exception {
    read().tell(Tensors.chunk(TENSOR, 1, CHUNK, TensorCodec.FLOAT32));
    assertFails("ticket does not know");
  }

  @Test
  void shouldFailWhenAChunkComesInAnotherCodec() throws Exception {
    read().tell(Tensors.chunk(TENSOR, 0, CHUNK, TensorCodec.BFLOAT16));
    assertFails("ticket does not know");
  }

  private ActorRef<ReaderMessage> read() {
    return KIT.spawn(
        TensorReader.create(
            new TensorTicket("bulk-1", TENSOR.length),
            holder.getRef(),
            SETTINGS,
            ChunkFilter.NONE,
            result));
  }

  private List<AskChunk> expectAsked(int times) {
    List<AskChunk> asked = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      asked.add(holder.expectMessageClass(AskChunk.class));
    }
    return asked;
  }

  private static TensorChunk chunk(AskChunk ask) {
    return Tensors.chunk(TENSOR, ask.first(), ask.count(), TensorCodec.FLOAT32);
  }

  private float[] arrived() throws Exception {
    return result.get(10, TimeUnit.SECONDS);
  }

  private void assertFails(String message) {
    assertThatThrownBy(this::arrived)
        .hasCauseInstanceOf(TransferFailedException.class)
        .hasMessageContaining(message);
  }
}
