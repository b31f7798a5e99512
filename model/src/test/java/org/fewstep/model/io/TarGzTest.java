package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarGzTest {
  private static final int BLOCK_BYTES = 512;
  private static final int RECORD_BYTES = 10_240;

  @TempDir Path folder;

  @Test
  void shouldNotTakeAFullDiskForADamagedArchive() throws IOException {
    IOException full = new IOException("No space left on device");
    Path file = archive();
    assertThatThrownBy(
            () ->
                TarGz.read(
                    file,
                    (name, content) -> {
                      content.read();
                      throw full;
                    }))
        .isSameAs(full);
  }

  @Test
  void shouldTellOfDamageThatShowsWhileContentIsRead() throws IOException {
    Path file = archive();
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> TarGz.read(file, (name, content) -> content.readAllBytes()))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(file.toString(), "is not a whole .tar.gz file");
    assertThatThrownBy(() -> TarGz.read(file, (name, content) -> readSingly(content)))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(file.toString(), "is not a whole .tar.gz file");
  }

  /** Only the checksum after the tar's end knows of it. */
  @Test
  void shouldNoticeAChangedBitOfUncompressedContent() throws IOException {
    Path file = folder.resolve("some.tar.gz");
    try (OutputStream out = stored(file)) {
      write(out, RECORD_BYTES);
    }
    TarGz.read(file, (name, content) -> content.readAllBytes());
    byte[] bytes = Files.readAllBytes(file);
    bytes[5_000] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> TarGz.read(file, (name, content) -> content.readAllBytes()))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(file.toString(), "is not a whole .tar.gz file");
  }

  private static void readSingly(InputStream content) throws IOException {
    while (content.read() >= 0) {
      // Only the failure matters.
    }
  }

  private Path archive() throws IOException {
    Path file = folder.resolve("some.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      write(out, BLOCK_BYTES);
    }
    return file;
  }

  private static OutputStream stored(Path file) throws IOException {
    return new GZIPOutputStream(Files.newOutputStream(file)) {
      {
        def.setLevel(Deflater.NO_COMPRESSION);
      }
    };
  }

  /** GNU's tar fills the last of its records of 10,240 bytes with zeros. */
  private static void write(OutputStream out, int blockBytes) throws IOException {
    byte[] content = new byte[20_000];
    new Random(1).nextBytes(content);
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(out, blockBytes, StandardCharsets.UTF_8.name())) {
      TarArchiveEntry entry = new TarArchiveEntry("content");
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
  }
}
