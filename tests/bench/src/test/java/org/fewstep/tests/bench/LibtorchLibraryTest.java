package org.fewstep.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibtorchLibraryTest {
  private static final String LIBRARY = "tests/bench/target/libtorch";

  @TempDir Path home;
  private final List<String> notes = new ArrayList<>();

  @BeforeEach
  void build() throws IOException {
    Files.createDirectories(home.resolve("tests/bench"));
    Files.writeString(home.resolve("tests/bench/pom.xml"), "<project/>");
    Files.writeString(home.resolve("pom.xml"), "<project/>");
    maven("mkdir -p %s && : >%s/a.jar && : >%s/b.jar".formatted(LIBRARY, LIBRARY, LIBRARY));
  }

  @Test
  void shouldFetchOnceAndAgainWhenAVersionMayHaveChanged() throws IOException {
    String first = LibtorchLibrary.classPath(home.toString(), notes::add);
    LibtorchLibrary.classPath(home.toString(), notes::add);

    assertThat(first).isEqualTo(home.resolve(LIBRARY) + "/*");
    assertThat(notes).hasSize(1);

    Files.setLastModifiedTime(
        home.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(60)));
    LibtorchLibrary.classPath(home.toString(), notes::add);

    assertThat(notes).hasSize(2);
  }

  @Test
  void shouldNameTheLogAndLeaveNothingHalfFetchedWhenMavenFails() throws IOException {
    maven("mkdir -p %s && : >%s/a.jar; echo no network; exit 1".formatted(LIBRARY, LIBRARY));

    assertThatThrownBy(() -> LibtorchLibrary.classPath(home.toString(), notes::add))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Maven Central")
        .hasMessageContaining(".log");
    assertThat(home.resolve(LIBRARY)).isEmptyDirectory();
  }

  @Test
  void shouldSayWhereToStartWhenThereAreNoSources() {
    assertThatThrownBy(() -> LibtorchLibrary.classPath(null, notes::add))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("./fewstep");
  }

  private void maven(String body) throws IOException {
    Path wrapper = home.resolve("mvnw");
    Files.writeString(wrapper, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
