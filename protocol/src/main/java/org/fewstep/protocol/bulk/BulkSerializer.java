package org.fewstep.protocol.bulk;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.ByteBufferSerializer;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.fewstep.protocol.WireMessage;
import org.fewstep.protocol.wire.BulkWire;
import org.jspecify.annotations.Nullable;

/**
 * What bulk transports say to each other. Chunks go straight between the tensor's array and
 * Artery's buffers; the small messages are Protocol Buffers.
 */
public final class BulkSerializer extends SerializerWithStringManifest
    implements ByteBufferSerializer {
  /** Pekko reserves 0 to 40; this one is the project's alone. */
  static final int IDENTIFIER = 736_002;

  private static final String PREFIX = WireMessage.PROTOCOL_VERSION + ":";
  private static final String CHUNK = PREFIX + "chunk";
  private static final String ASK_CHUNK = PREFIX + "ask-chunk";
  private static final String RELEASE = PREFIX + "release";
  private static final String REFUSED = PREFIX + "transfer-refused";

  private final ActorRefResolver resolver;

  /** Called by Pekko. */
  public BulkSerializer(ExtendedActorSystem system) {
    resolver = ActorRefResolver.get(Adapter.toTyped(system));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    if (message instanceof TensorSlice || message instanceof TensorChunk) {
      return CHUNK;
    } else if (message instanceof HolderMessage.AskChunk) {
      return ASK_CHUNK;
    } else if (message instanceof HolderMessage.Release) {
      return RELEASE;
    } else if (message instanceof ReaderMessage.Refused) {
      return REFUSED;
    }
    throw hasNoForm(message);
  }

  @Override
  public void toBinary(Object message, ByteBuffer to) {
    if (message instanceof TensorSlice slice) {
      slice.writeTo(to);
    } else if (message instanceof TensorChunk chunk) {
      chunk.writeTo(to);
    } else {
      to.put(small(message));
    }
  }

  @Override
  public byte[] toBinary(Object message) {
    if (message instanceof TensorSlice || message instanceof TensorChunk) {
      int bytes =
          message instanceof TensorSlice slice ? slice.bytes() : ((TensorChunk) message).bytes();
      ByteBuffer buffer = ByteBuffer.allocate(bytes);
      toBinary(message, buffer);
      return buffer.array();
    }
    return small(message);
  }

  private byte[] small(Object message) {
    if (message instanceof HolderMessage.AskChunk ask) {
      return BulkWire.AskChunk.newBuilder()
          .setTransferId(ask.transferId())
          .setElements(ask.elements())
          .setFirst(ask.first())
          .setCount(ask.count())
          .setReplyTo(resolver.toSerializationFormat(ask.replyTo()))
          .build()
          .toByteArray();
    } else if (message instanceof HolderMessage.Release release) {
      return BulkWire.Release.newBuilder()
          .setTransferId(release.transferId())
          .build()
          .toByteArray();
    } else if (message instanceof ReaderMessage.Refused refused) {
      return BulkWire.Refused.newBuilder().setReason(refused.reason()).build().toByteArray();
    }
    throw hasNoForm(message);
  }

  @Override
  public Object fromBinary(byte[] bytes, @Nullable String manifest)
      throws NotSerializableException {
    return fromBinary(ByteBuffer.wrap(bytes), manifest);
  }

  @Override
  public Object fromBinary(ByteBuffer from, @Nullable String manifest)
      throws NotSerializableException {
    try {
      return read(from, manifest == null ? "" : manifest);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      NotSerializableException failure =
          new NotSerializableException("message \"%s\" cannot be read".formatted(manifest));
      failure.initCause(e);
      throw failure;
    }
  }

  private Object read(ByteBuffer from, String manifest)
      throws InvalidProtocolBufferException, NotSerializableException {
    return switch (manifest) {
      case CHUNK -> TensorChunk.readFrom(from);
      case ASK_CHUNK -> {
        var ask = BulkWire.AskChunk.parseFrom(from);
        yield new HolderMessage.AskChunk(
            ask.getTransferId(),
            ask.getElements(),
            ask.getFirst(),
            ask.getCount(),
            resolver.resolveActorRef(ask.getReplyTo()));
      }
      case RELEASE -> new HolderMessage.Release(BulkWire.Release.parseFrom(from).getTransferId());
      case REFUSED -> new ReaderMessage.Refused(BulkWire.Refused.parseFrom(from).getReason());
      default ->
          throw new NotSerializableException(
              "no message \"%s\" in protocol version %d"
                  .formatted(manifest, WireMessage.PROTOCOL_VERSION));
    };
  }

  private static IllegalArgumentException hasNoForm(Object message) {
    return new IllegalArgumentException(message.getClass().getName() + " has no form in bytes");
  }
}
