package org.fewstep.model.io;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.fewstep.config.UserException;

/**
 * A ZIP file for reading: what {@link ZipFile} gives, with the checksum of each entry checked (it
 * does not do that) and failures that name the file and the entry.
 */
public final class ZipArchive implements AutoCloseable {
  /** What the JDK says of a name that it cannot decode. */
  private static final String NAME_NOT_UTF8 = "bad entry name";

  private final Path file;
  private final ZipFile zip;
  private final List<String> names;

  private ZipArchive(Path file, ZipFile zip, List<String> names) {
    this.file = file;
    this.zip = zip;
    this.names = names;
  }

  /** Takes what it needs from an entry's content and leaves the rest. */
  @FunctionalInterface
  public interface EntryReader<R> {
    R read(InputStream content, String where) throws IOException;
  }

  /**
   * Opens a file; the caller closes it.
   *
   * @throws UserException if it cannot be read or is not a ZIP
   */
  public static ZipArchive open(Path file) {
    RegularFiles.check(file);
    try {
      ZipFile zip = new ZipFile(file.toFile());
      try {
        return new ZipArchive(file, zip, names(zip));
      } catch (IllegalArgumentException e) {
        zip.close();
        throw e;
      }
    } catch (ZipException | IllegalArgumentException e) {
      if (String.valueOf(e.getMessage()).contains(NAME_NOT_UTF8)) {
        throw new UserException(
            "%s has an entry whose name is not in UTF-8; pack the ZIP again with names in UTF-8"
                .formatted(file),
            e);
      }
      throw new UserException("%s is not a whole ZIP file: %s".formatted(file, e.getMessage()), e);
    } catch (FileNotFoundException e) {
      // The JDK's name for whatever the system refuses, such as a file without permission to read.
      throw Files.isReadable(file)
          ? IoFailures.cannotRead(file, e)
          : IoFailures.cannotRead(file, new AccessDeniedException(file.toString()));
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /** Looks at each entry, which fails where its comment is no text, as its use would later. */
  private static List<String> names(ZipFile zip) {
    return zip.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
  }

  /** Names of the entries that are no folders, in the archive's order. */
  public List<String> names() {
    return names;
  }

  /** Bytes of an entry that is not compressed; -1 if it is. */
  public long storedSize(String name) {
    ZipEntry entry = zip.getEntry(name);
    return entry != null
            && entry.getMethod() == ZipEntry.STORED
            && entry.getSize() == entry.getCompressedSize()
        ? entry.getSize()
        : -1;
  }

  /** Bytes of an entry's content; -1 if the archive does not say. */
  public long size(String name) {
    ZipEntry entry = zip.getEntry(name);
    return entry == null ? -1 : entry.getSize();
  }

  /** CRC-32 of an entry's content; -1 if the archive does not say. */
  public long checksum(String name) {
    ZipEntry entry = zip.getEntry(name);
    return entry == null ? -1 : entry.getCrc();
  }

  /**
   * Reads an entry that exists.
   *
   * @throws UserException if it is damaged
   */
  public <R> R read(String name, EntryReader<R> reader) {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IllegalArgumentException("%s has no entry %s".formatted(file, name));
    }
    String where = "%s (entry %s)".formatted(file, name);
    CRC32 checksum = new CRC32();
    try (InputStream content = new CheckedInputStream(zip.getInputStream(entry), checksum)) {
      R result = reader.read(content, where);
      content.transferTo(OutputStream.nullOutputStream());
      if (checksum.getValue() != entry.getCrc()) {
        throw new UserException(
            "%s is damaged: its checksum does not match; fetch the file again".formatted(where));
      }
      return result;
    } catch (IOException e) {
      throw new UserException(
          "%s is damaged: %s; fetch the file again".formatted(where, e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }
}
