package org.fewstep.protocol.bulk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializationExtension;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BulkSerializerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final float[] TENSOR = Tensors.ofLength(10_000);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  static Stream<Object> messages() {
    return Stream.of(
        new HolderMessage.AskChunk(
            "bulk-7", 3_000_000_000L, 262_144, 512, KIT.<ReaderMessage>createTestProbe().getRef()),
        new HolderMessage.Release("bulk-7"),
        new ReaderMessage.Refused("tensor bulk-7 was released"),
        Tensors.chunk(TENSOR, 0, 10_000, TensorCodec.FLOAT32),
        Tensors.chunk(TENSOR, 9_000, 1_000, TensorCodec.BFLOAT16),
        Tensors.chunk(new float[0], 0, 0, TensorCodec.FLOAT32));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldComeBackEqualWhenAMessageCrossesTheWire(Object message) {
    KIT.serializationTestKit().verifySerialization(message, true);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldComeBackEqualWhenAMessageIsWrittenIntoALargerBuffer(Object message) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 17).position(100);

    serializer().toBinary(message, buffer);
    buffer.flip().position(100);

    assertThat(serializer().fromBinary(buffer, serializer().manifest(message))).isEqualTo(message);
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 0, 10000", "BFLOAT16, 4097, 5000", "FLOAT32, 10000, 0"})
  void shouldArriveAsChunkWhenASliceCrossesTheWire(TensorCodec codec, int first, int count)
      throws Exception {
    TensorSlice slice = new TensorSlice(TENSOR, first, count, codec);
    float[] expected = codec.seenByReaders(TENSOR);

    byte[] bytes = serializer().toBinary(slice);
    TensorChunk chunk = (TensorChunk) serializer().fromBinary(bytes, serializer().manifest(slice));

    assertThat(chunk).isEqualTo(slice.encoded());
    assertThat(chunk.isIntact()).isTrue();
    assertThat(chunk.says()).isEqualTo(new ChunkHeader(codec, first, count));
    float[] arrived = TENSOR.clone();
    Arrays.fill(arrived, first, first + count, 0);
    chunk.copyTo(arrived);
    for (int i = 0; i < arrived.length; i++) {
      boolean inside = i >= first && i < first + count;
      assertThat(Float.floatToRawIntBits(arrived[i]))
          .isEqualTo(Float.floatToRawIntBits(inside ? expected[i] : TENSOR[i]));
    }
  }

  /**
   * What an older node wrote must be read for ever: these bytes are never regenerated. Their
   * checksums come from an implementation that knows nothing of this one.
   */
  @ParameterizedTest
  @CsvSource({
    "FLOAT32, 7, 5d2a37dc0101000007000000020000000000803f000020c0",
    "BFLOAT16, 262144, 143295fd010200000000040002000000803f20c0",
  })
  void shouldWriteTheSameBytesAsEverWhenTheProtocolVersionIsOne(
      TensorCodec codec, int first, String golden) throws Exception {
    float[] tensor = new float[first + 2];
    tensor[first] = 1;
    tensor[first + 1] = -2.5f;
    TensorSlice slice = new TensorSlice(tensor, first, 2, codec);

    assertThat(HexFormat.of().formatHex(serializer().toBinary(slice))).isEqualTo(golden);
    assertThat(serializer().manifest(slice)).isEqualTo("1:chunk");
    assertThat(serializer().identifier()).isEqualTo(736_002);
  }

  @Test
  void shouldWriteTheSameBytesAsEverWhenATensorIsReleasedOrRefused() {
    var release = new HolderMessage.Release("bulk-7");
    var refused = new ReaderMessage.Refused("gone");

    assertThat(HexFormat.of().formatHex(serializer().toBinary(release)))
        .isEqualTo("0a0662756c6b2d37");
    assertThat(serializer().manifest(release)).isEqualTo("1:release");
    assertThat(HexFormat.of().formatHex(serializer().toBinary(refused))).isEqualTo("0a04676f6e65");
    assertThat(serializer().manifest(refused)).isEqualTo("1:transfer-refused");
  }

  @Test
  void shouldReadWhatAnOlderNodeAskedFor() throws Exception {
    var ask =
        (HolderMessage.AskChunk)
            serializer()
                .fromBinary(
                    HexFormat.of().parseHex("0a0662756c6b2d3710e00718808010208004"), "1:ask-chunk");

    assertThat(ask.transferId()).isEqualTo("bulk-7");
    assertThat(ask.elements()).isEqualTo(992);
    assertThat(ask.first()).isEqualTo(262_144);
    assertThat(ask.count()).isEqualTo(512);
  }

  @Test
  void shouldNoticeWhenAnySingleByteIsDamaged() {
    TensorChunk chunk = Tensors.chunk(TENSOR, 100, 8, TensorCodec.FLOAT32);

    for (int i = 0; i < chunk.bytes(); i++) {
      assertThat(Tensors.damaged(chunk, i).isIntact()).as("byte %d", i).isFalse();
    }
  }

  @Test
  void shouldRefuseTheMessageWhenItIsUnknownBrokenOrLocal() {
    assertThatThrownBy(() -> serializer().fromBinary(new byte[20], "2:chunk"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("protocol version 1");
    assertThatThrownBy(() -> serializer().fromBinary(new byte[15], "1:chunk"))
        .isInstanceOf(NotSerializableException.class)
        .hasRootCauseMessage("a chunk of 15 bytes");
    assertThatThrownBy(() -> serializer().fromBinary(new byte[] {10, 100, 1}, "1:release"))
        .isInstanceOf(NotSerializableException.class);
    var local = new HolderMessage.Fetch(new TensorTicket("bulk-7", 1), new CompletableFuture<>());
    assertThatThrownBy(() -> serializer().toBinary(local))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static BulkSerializer serializer() {
    try {
      return (BulkSerializer)
          SerializationExtension.get(Adapter.toClassic(KIT.system()))
              .serializerFor(TensorChunk.class);
    } catch (NotSerializableException e) {
      throw new AssertionError(e);
    }
  }
}
