package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code ./fewstep}, in a house whose Maven and Java only say what they were told. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("../../fewstep").toAbsolutePath().normalize();
  private static final String FOLDER = "a house";

  @TempDir Path temporary;
  private Path house;
  private Path jdk;

  /** How the launcher ended, and what it and its Java said. */
  private record Result(int exitCode, List<String> lines) {}

  @BeforeEach
  void build() throws IOException {
    house = temporary.resolve(FOLDER);
    jdk = temporary.resolve("jdk");
    for (String module :
        List.of("config", "model", "protocol", "actors", "tests/bench", "deploy")) {
      Files.createDirectories(house.resolve(module + "/src/main"));
      Files.writeString(house.resolve(module + "/pom.xml"), "<project/>");
    }
    Files.writeString(house.resolve("pom.xml"), "<project/>");
    Files.writeString(house.resolve("model/src/main/Source.java"), "class Source {}");
    Files.copy(LAUNCHER, house.resolve("fewstep"));
    script(
        house.resolve("mvnw"),
        """
        echo "maven $*"
        for option; do
          case $option in -Dnd4j.classifier=*) classifier=${option#*=} ;; esac
        done
        mkdir -p config/target "deploy/target/lib/$classifier"
        : >deploy/target/fewstep-deploy-1.jar
        [ ! -e broken ]
        """);
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
    script(
        jdk.resolve("bin/java"),
        "echo \"java $*\"; echo \"omp $OMP_WAIT_POLICY\"; echo \"names $LC_ALL\"; exit 7\n");
    script(jdk.resolve("bin/javac"), "");
  }

  @Test
  void shouldBuildOnceWhenNothingChanges() throws Exception {
    Result first = launch(temporary, house.resolve("fewstep"), "train", "a b");
    Result second = launch(temporary, house.resolve("fewstep"), "train", "a b");

    assertThat(first.lines())
        .anyMatch(line -> line.contains("building Fewstep for the first time"));
    assertThat(second.lines()).noneMatch(line -> line.contains("building"));
    assertThat(second.exitCode()).isEqualTo(7);
    assertThat(second.lines())
        .anyMatch(
            line ->
                line.startsWith("java ") && line.endsWith("org.fewstep.deploy.Fewstep train a b"))
        .contains("omp PASSIVE");
  }

  @Test
  void shouldBuildAgainWhenASourceIsNewer() throws Exception {
    launch(temporary, house.resolve("fewstep"));
    Files.setLastModifiedTime(
        house.resolve("model/src/main/Source.java"), FileTime.from(Instant.now().plusSeconds(60)));

    assertThat(launch(temporary, house.resolve("fewstep")).lines())
        .anyMatch(line -> line.contains("building Fewstep again"));
  }

  @Test
  void shouldBuildAgainWhenAnotherNativeLibraryIsChosen() throws Exception {
    launch(temporary, house.resolve("fewstep"));
    Result other =
        launch(
            Map.of("FEWSTEP_CLASSIFIER", "linux-x86_64-onednn"),
            temporary,
            house.resolve("fewstep"));

    assertThat(other.lines()).anyMatch(line -> line.contains("building Fewstep again"));
    assertThat(other.lines()).anyMatch(line -> line.contains("lib/linux-x86_64-onednn/*"));
  }

  @Test
  void shouldChooseAOneDnnLibraryByItself() throws Exception {
    assertThat(launch(temporary, house.resolve("fewstep")).lines())
        .anyMatch(line -> line.matches("java .*/lib/linux-x86_64-onednn(-avx2|-avx512)?/\\* .*"));
  }

  @Test
  void shouldFindItsHouseWhenCalledThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(temporary.resolve("link"), Path.of(FOLDER, "fewstep"));

    assertThat(launch(Path.of("/"), link).exitCode()).isEqualTo(7);
  }

  @Test
  void shouldHaveJavaTakeNamesForUtf8InAPlainLocale() throws Exception {
    assertThat(launch(Map.of("LC_ALL", "POSIX"), temporary, house.resolve("fewstep")).lines())
        .contains("names C.UTF-8");
  }

  @Test
  void shouldNameTheLogWhenTheBuildFails() throws Exception {
    Files.writeString(house.resolve("broken"), "");

    Result result = launch(temporary, house.resolve("fewstep"), "--help");

    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.lines()).last().asString().contains("the build failed", "build.log");
    assertThat(house.resolve(".fewstep/build.log")).content().contains("-Dnd4j.classifier=");
    Files.delete(house.resolve("broken"));
    assertThat(launch(temporary, house.resolve("fewstep")).exitCode()).isEqualTo(7);
  }

  @Test
  void shouldRefuseWhatItCannotRunWith() throws Exception {
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    assertRefused(launch(temporary, house.resolve("fewstep")), "JDK 17");

    assertRefused(
        launch(Map.of("JAVA_HOME", "/nowhere"), temporary, house.resolve("fewstep")), "/nowhere");

    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"17.0.15\"\n");
    Files.delete(jdk.resolve("bin/javac"));
    assertRefused(launch(temporary, house.resolve("fewstep")), "no compiler");

    Path tools = Files.createDirectory(temporary.resolve("tools"));
    script(tools.resolve("uname"), "case $1 in -s) echo Darwin ;; *) echo arm64 ;; esac\n");
    assertRefused(
        launch(
            Map.of("PATH", tools + ":" + System.getenv("PATH")),
            temporary,
            house.resolve("fewstep")),
        "Darwin arm64");
  }

  private static void assertRefused(Result result, String named) {
    assertThat(result.exitCode()).isEqualTo(2);
    assertThat(result.lines()).singleElement().asString().startsWith("fewstep: ").contains(named);
  }

  private Result launch(Path from, Path launcher, String... arguments) throws Exception {
    return launch(Map.of(), from, launcher, arguments);
  }

  private Result launch(
      Map<String, String> environment, Path from, Path launcher, String... arguments)
      throws Exception {
    List<String> line = new ArrayList<>(List.of(launcher.toString()));
    line.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(line).directory(from.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("OMP_WAIT_POLICY", "FEWSTEP_JAVA_OPTS"));
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines = process.inputReader().lines().toList();
    return new Result(process.waitFor(), lines);
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
