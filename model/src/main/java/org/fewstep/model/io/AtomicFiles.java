package org.fewstep.model.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.fewstep.config.UserException;

/**
 * Files and folders that are either there, whole, or not there: written aside, forced to the disk,
 * renamed, and the renaming forced to the disk too. What is aside is called {@code
 * .NAME.tmp-PID-N}; a crash leaves it behind, nothing ever reads it, and {@link #removeLeftovers}
 * removes it.
 */
public final class AtomicFiles {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final AtomicLong COUNTER = new AtomicLong();
  private static final Pattern ASIDE = Pattern.compile("\\.(.+)\\.tmp-\\d+-\\d+");

  private AtomicFiles() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface FileBody {
    void writeTo(OutputStream out) throws IOException;
  }

  /** Writes the content of a folder. */
  @FunctionalInterface
  public interface FolderBody {
    void writeInto(Path folder) throws IOException;
  }

  /**
   * Creates or replaces a file, creating its folder where necessary. When the body fails, the old
   * file stays as it was.
   *
   * @throws UserException if the disk refuses
   */
  public static void write(Path file, FileBody body) {
    Path target = file.toAbsolutePath().normalize();
    Path folder = parentOf(target);
    Path aside = aside(folder, target);
    try {
      Files.createDirectories(folder);
      try (FileChannel channel =
          FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        OutputStream out =
            new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
        body.writeTo(out);
        out.flush();
        channel.force(true);
      }
      rename(aside, target, folder);
    } catch (IOException e) {
      throw IoFailures.cannotWrite(file, e);
    } finally {
      deleteTree(aside);
    }
  }

  /**
   * Creates a folder with all that the body writes into it.
   *
   * @throws UserException if the folder exists already, or the disk refuses
   */
  public static void writeFolder(Path folder, FolderBody body) {
    Path target = folder.toAbsolutePath().normalize();
    Path parent = parentOf(target);
    Path aside = aside(parent, target);
    try {
      if (Files.exists(target)) {
        throw new UserException(
            "cannot write the folder %s: it exists already; remove it or choose another name"
                .formatted(folder));
      }
      Files.createDirectories(parent);
      Files.createDirectory(aside);
      body.writeInto(aside);
      for (Path written : Folders.tree(aside)) {
        force(written);
      }
      rename(aside, target, parent);
    } catch (FileAlreadyExistsException e) {
      throw new UserException(
          "cannot write the folder %s: something else has just created it".formatted(folder), e);
    } catch (UserException e) {
      // A part that the body wrote by these means: its name means nothing to anybody.
      throw e.getCause() instanceof IOException cause ? IoFailures.cannotWrite(folder, cause) : e;
    } catch (IOException e) {
      throw IoFailures.cannotWrite(folder, e);
    } finally {
      deleteTree(aside);
    }
  }

  /**
   * Removes a folder: a crash leaves the whole of it, or none of it under its name.
   *
   * @throws UserException if the disk refuses
   */
  public static void removeFolder(Path folder) {
    Path target = folder.toAbsolutePath().normalize();
    Path parent = parentOf(target);
    Path aside = aside(parent, target);
    try {
      rename(target, aside, parent);
      Folders.delete(aside);
    } catch (IOException e) {
      throw new UserException("cannot remove %s: %s".formatted(folder, IoFailures.reason(e)), e);
    }
  }

  /**
   * Removes what earlier processes left aside in a folder. The caller knows that no other process
   * writes these files.
   *
   * @param names proper names of the files and folders to look for
   * @return how many there were
   * @throws UserException if the disk refuses
   */
  public static int removeLeftovers(Path folder, Predicate<String> names) {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    int removed = 0;
    try {
      List<Path> inside;
      try (Stream<Path> all = Files.list(folder)) {
        inside = all.toList();
      }
      for (Path path : inside) {
        Matcher aside = ASIDE.matcher(path.getFileName().toString());
        if (aside.matches() && names.test(aside.group(1))) {
          for (Path part : Folders.tree(path)) {
            Files.delete(part);
          }
          removed++;
        }
      }
    } catch (IOException e) {
      throw new UserException("cannot clean up %s: %s".formatted(folder, IoFailures.reason(e)), e);
    }
    return removed;
  }

  /**
   * Removes what this process has aside for a file or folder: a process that is about to end, while
   * another thread still writes. That thread fails then.
   */
  public static void abandon(Path file) {
    Path target = file.toAbsolutePath().normalize();
    String start = asideStart(target);
    try (Stream<Path> all = Files.list(parentOf(target))) {
      all.filter(path -> path.getFileName().toString().startsWith(start))
          .forEach(AtomicFiles::deleteTree);
    } catch (IOException e) {
      // Without its folder there is nothing aside either.
    }
  }

  private static String asideStart(Path target) {
    return ".%s.tmp-%d-".formatted(target.getFileName(), ProcessHandle.current().pid());
  }

  private static Path parentOf(Path target) {
    Path parent = target.getParent();
    if (parent == null) {
      throw new UserException(
          "cannot write %s: it is the root of the file system".formatted(target));
    }
    return parent;
  }

  private static Path aside(Path folder, Path target) {
    return folder.resolve(asideStart(target) + COUNTER.incrementAndGet());
  }

  private static void rename(Path from, Path to, Path folder) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    force(folder);
  }

  /** Forces a file's content, or the names in a folder, to the disk. */
  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Removes what a failure left aside; after a success there is nothing. */
  private static void deleteTree(Path aside) {
    try {
      Folders.delete(aside);
    } catch (IOException e) {
      // What lies aside harms nobody, while throwing here would hide the failure that led here.
    }
  }
}
