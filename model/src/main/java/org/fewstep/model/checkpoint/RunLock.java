package org.fewstep.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.jspecify.annotations.Nullable;

/**
 * The right to write into a run's folder, which one process has at a time. The operating system
 * keeps it and takes it back when the process ends, however it ends.
 */
public final class RunLock implements AutoCloseable {
  private static final String NAME = ".lock";
  private static final int LONGEST_PID_BYTES = 32;

  private final Path file;
  private final FileChannel channel;

  private RunLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the lock of a folder, which is created where necessary.
   *
   * @throws UserException if another process has it, or the folder cannot be written to
   */
  public static RunLock take(Path root) {
    Path file = root.resolve(NAME);
    try {
      Files.createDirectories(root);
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        String holder = read(channel);
        channel.close();
        throw new UserException(
            "another process%s trains in %s already: wait for its end, stop it, or choose another"
                    .formatted(holder.isEmpty() ? "" : " (" + holder + ")", root)
                + " --run-dir");
      }
      channel.truncate(0);
      channel.write(
          ByteBuffer.wrap(
              Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)));
      return new RunLock(file, channel);
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this process has it
    }
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(LONGEST_PID_BYTES);
    channel.read(pid, 0);
    return new String(pid.array(), 0, pid.position(), StandardCharsets.UTF_8).strip();
  }

  /** Gives the folder free. The file stays: removing it could take the lock from somebody else. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    }
  }
}
