package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
  @TempDir Path folder;

  @Test
  void shouldCreateAndReplaceAFileInANewFolder() throws IOException {
    Path file = folder.resolve("new/file.txt");
    AtomicFiles.write(file, out -> out.write('a'));
    AtomicFiles.write(file, out -> out.write('b'));
    assertThat(file).hasContent("b");
    assertThat(names(file.getParent())).containsExactly("file.txt");
  }

  @Test
  void shouldLeaveOnlyTheOldFileWhenWritingIsAbandoned() throws IOException {
    Path file = folder.resolve("file.txt");
    Files.writeString(file, "old");
    Path others = folder.resolve(".file.txt.tmp-0-1");
    Files.writeString(others, "of another process");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      assertThat(names(folder)).hasSize(3);
                      AtomicFiles.abandon(file);
                      assertThat(names(folder)).hasSize(2);
                      out.write('n');
                    }))
        .isInstanceOf(UserException.class);
    assertThat(file).hasContent("old");
    assertThat(others).exists();
    AtomicFiles.abandon(folder.resolve("nowhere/file.txt"));
  }

  @Test
  void shouldKeepTheOldFileAndLeaveNothingWhenTheBodyFails() throws IOException {
    Path file = folder.resolve("file.txt");
    Files.writeString(file, "old");
    assertThatThrownBy(
            () ->
                AtomicFiles.write(
                    file,
                    out -> {
                      out.write('n');
                      out.flush();
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("No space left on device");
    assertThat(file).hasContent("old");
    assertThat(names(folder)).containsExactly("file.txt");
  }

  @Test
  void shouldNotShowAFileBeforeItIsWhole() {
    Path file = folder.resolve("file.txt");
    AtomicFiles.write(
        file,
        out -> {
          out.write(new byte[1 << 20]);
          assertThat(file).doesNotExist();
        });
    assertThat(file).hasSize(1 << 20);
  }

  @Test
  void shouldCreateAFolderWithAllItsFilesAtOnce() throws IOException {
    Path target = folder.resolve("checkpoint");
    AtomicFiles.writeFolder(
        target,
        aside -> {
          Files.writeString(aside.resolve("a"), "1");
          Files.createDirectory(aside.resolve("sub"));
          Files.writeString(aside.resolve("sub/b"), "2");
          assertThat(target).doesNotExist();
          assertThat(aside.getFileName().toString())
              .startsWith(".checkpoint.tmp-" + ProcessHandle.current().pid());
        });
    assertThat(target.resolve("a")).hasContent("1");
    assertThat(target.resolve("sub/b")).hasContent("2");
    assertThat(names(folder)).containsExactly("checkpoint");
  }

  @Test
  void shouldLeaveNothingWhenAFolderFails() throws IOException {
    Path target = folder.resolve("checkpoint");
    assertThatThrownBy(
            () ->
                AtomicFiles.writeFolder(
                    target,
                    aside -> {
                      Files.writeString(aside.resolve("a"), "1");
                      throw new IllegalStateException("stop");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void shouldRefuseAFolderThatExists() throws IOException {
    Path target = Files.createDirectory(folder.resolve("checkpoint"));
    assertThatThrownBy(() -> AtomicFiles.writeFolder(target, aside -> {}))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("exists already");
  }

  private static Stream<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
