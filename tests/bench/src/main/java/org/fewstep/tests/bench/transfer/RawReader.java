package org.fewstep.tests.bench.transfer;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The other end of a {@link RawSender}: brings bytes into one array. */
final class RawReader implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final SocketChannel socket;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  RawReader(int port) throws IOException {
    socket = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  byte[] read(int bytes) {
    try {
      socket.write(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes));
      byte[] payload = new byte[bytes];
      int arrived = 0;
      while (arrived < bytes) {
        buffer.clear().limit(Math.min(BUFFER_BYTES, bytes - arrived));
        if (socket.read(buffer) < 0) {
          throw new EOFException("%d of %d bytes came".formatted(arrived, bytes));
        }
        buffer.flip();
        int length = buffer.remaining();
        buffer.get(payload, arrived, length);
        arrived += length;
      }
      return payload;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
