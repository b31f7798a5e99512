package org.fewstep.protocol;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.NotSerializableException;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;
import org.jspecify.annotations.Nullable;

/**
 * Every {@link WireMessage} as Protocol Buffers. A manifest is the protocol's version and the
 * message's short name, {@code 1:join}; another version or an unknown name is refused with a {@link
 * NotSerializableException}, which Pekko logs and survives. The few messages by which nodes find
 * out that they speak different versions have version 0, always.
 */
public final class WireSerializer extends SerializerWithStringManifest {
  /** Pekko reserves 0 to 40; this one is the project's alone. */
  static final int IDENTIFIER = 736_001;

  private final Map<Class<?>, WireCodec<?, ?>> byType;
  private final Map<String, WireCodec<?, ?>> byManifest;

  /** Called by Pekko. */
  public WireSerializer(ExtendedActorSystem system) {
    var codecs = new WireCodecs(ActorRefResolver.get(Adapter.toTyped(system))).all();
    byType = codecs.stream().collect(Collectors.toMap(WireCodec::type, Function.identity()));
    byManifest =
        codecs.stream().collect(Collectors.toMap(WireCodec::manifest, Function.identity()));
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object message) {
    return codecOf(message).manifest();
  }

  @Override
  public byte[] toBinary(Object message) {
    return codecOf(message).toBytes((WireMessage) message);
  }

  @Override
  public Object fromBinary(byte[] bytes, @Nullable String manifest)
      throws NotSerializableException {
    WireCodec<?, ?> codec = manifest == null ? null : byManifest.get(manifest);
    if (codec == null) {
      throw new NotSerializableException(
          "no message \"%s\" in protocol version %d"
              .formatted(manifest, WireMessage.PROTOCOL_VERSION));
    }
    try {
      return codec.fromBytes(bytes);
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      NotSerializableException failure =
          new NotSerializableException("message \"%s\" cannot be read".formatted(manifest));
      failure.initCause(e);
      throw failure;
    }
  }

  private WireCodec<?, ?> codecOf(Object message) {
    WireCodec<?, ?> codec = byType.get(message.getClass());
    if (codec == null) {
      throw new IllegalArgumentException(message.getClass().getName() + " has no form in bytes");
    }
    return codec;
  }
}
