package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ZipArchiveTest {
  @TempDir Path folder;

  @Test
  void shouldRefuseWhatIsNotThereAndWhatIsAFolder() throws IOException {
    assertRefused(folder.resolve("none.npz"), "there is no such file");
    assertRefused(Files.createDirectory(folder.resolve("x.npz")), "is no regular file");
  }

  @Test
  void shouldSayThatAFileMayNotBeReadButByTheSuperuser() throws IOException {
    Path file = Files.write(folder.resolve("x.npz"), new byte[100]);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    boolean superuser = Files.isReadable(file);
    assertRefused(file, superuser ? "is not a whole ZIP file" : "permission denied");
  }

  @Test
  void shouldRefuseNamesThatAreNotInUtf8() throws IOException {
    Path file = folder.resolve("latin.zip");
    try (ZipOutputStream zip =
        new ZipOutputStream(Files.newOutputStream(file), StandardCharsets.ISO_8859_1)) {
      zip.putNextEntry(new ZipEntry("caf\u00e9.png"));
    }
    assertRefused(file, "not in UTF-8; pack the ZIP again");
  }

  /** Whoever opens a pipe waits for somebody to write into it. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldRefusePipesInsteadOfWaiting() throws Exception {
    Path pipe = folder.resolve("x.npz");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertRefused(pipe, "is no regular file");
    assertThatThrownBy(() -> Npz.names(pipe)).isInstanceOf(UserException.class);
    assertThatThrownBy(() -> Safetensors.open(pipe))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(pipe.toString(), "is no regular file");
  }

  private static void assertRefused(Path file, String complaint) {
    assertThatThrownBy(() -> ZipArchive.open(file))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(file.toString(), complaint);
  }
}
