package org.fewstep.tests.bench.transfer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * What a socket gives at best: sends one reader as many bytes as it asks for, straight from native
 * memory, without checksum, codec or credit.
 */
final class RawSender implements AutoCloseable {
  private final ServerSocketChannel server;
  private final ByteBuffer payload;

  private RawSender(ServerSocketChannel server, int maxBytes) {
    this.server = server;
    this.payload = ByteBuffer.allocateDirect(maxBytes);
  }

  static RawSender start(int maxBytes) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open();
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    RawSender sender = new RawSender(server, maxBytes);
    Thread thread = new Thread(sender::serve, "raw-sender");
    thread.setDaemon(true);
    thread.start();
    return sender;
  }

  int port() {
    return server.socket().getLocalPort();
  }

  private void serve() {
    try (SocketChannel reader = server.accept()) {
      ByteBuffer request = ByteBuffer.allocate(Integer.BYTES);
      while (reader.read(request) >= 0) {
        if (!request.hasRemaining()) {
          payload.clear().limit(request.getInt(0));
          while (payload.hasRemaining()) {
            reader.write(payload);
          }
          request.clear();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
