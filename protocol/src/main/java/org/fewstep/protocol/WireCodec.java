package org.fewstep.protocol;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.util.function.Function;

/**
 * One message, as a record and as bytes.
 *
 * @param type the record
 * @param code its short name on the wire; never changes, never means anything else
 * @param firstContact whether nodes of different protocol versions must understand each other in it
 */
record WireCodec<M extends WireMessage, P extends MessageLite>(
    Class<M> type,
    String code,
    boolean firstContact,
    Parser<P> parser,
    Function<M, P> write,
    Function<P, M> read) {

  WireCodec(
      Class<M> type, String code, Parser<P> parser, Function<M, P> write, Function<P, M> read) {
    this(type, code, false, parser, write, read);
  }

  String manifest() {
    return (firstContact ? "0:" : WireMessage.PROTOCOL_VERSION + ":") + code;
  }

  byte[] toBytes(WireMessage message) {
    return write.apply(type.cast(message)).toByteArray();
  }

  M fromBytes(byte[] bytes) throws InvalidProtocolBufferException {
    return read.apply(parser.parseFrom(bytes));
  }
}
