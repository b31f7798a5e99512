package org.fewstep.deploy.command;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFilesTest {
  @TempDir Path folder;

  @Test
  void shouldRefuseAFileInsideWhatItIsMadeOf() throws IOException {
    Path source = Files.createDirectories(folder.resolve("pictures"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), source);
    for (Path out :
        new Path[] {
          source.resolve("set.zip"),
          source.resolve("new/er/set.zip"),
          folder.resolve("other/../pictures/set.zip"),
          link.resolve("set.zip")
        }) {
      assertThatThrownBy(() -> OutputFiles.checkOutside(out, "--out", source.toString()))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll("--out", out.toString(), "lies in");
    }
    OutputFiles.checkOutside(folder.resolve("pictures.zip"), "--out", source.toString());
    OutputFiles.checkOutside(folder.resolve("x.zip"), "--out", "builtin:fashion-mnist-test-2k");
  }
}
