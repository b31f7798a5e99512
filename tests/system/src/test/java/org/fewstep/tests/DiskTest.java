package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run on a disk of 8 MiB, whose first checkpoints fit and whose later ones do not. */
class DiskTest {
  private static final int MIB = 8;
  private static final String NO_SPACE = "No space left on device";

  @TempDir Path temporary;
  private Path disk;
  private Path copy;
  private Path copiedRun;

  @BeforeEach
  void folders() throws IOException {
    disk = Files.createDirectory(temporary.resolve("disk"));
    copy = Files.createDirectory(temporary.resolve("copy"));
    copiedRun = copy.resolve("run");
  }

  @Test
  void shouldStopWithTheOldCheckpointsWholeAndGoOnWhereThereIsRoomWhenTheDiskIsFull()
      throws Exception {
    Command.Result result =
        Command.startUnder(
                Mounts.shell(Mounts.disk(disk, MIB) + Mounts.commandThenCopy(disk, copy)),
                train(disk.resolve("run"), "checkpoint.on-failure=stop"))
            .await()
            .exitedWith(2);

    List<String> sentences = sentences(result);
    assertThat(sentences)
        .singleElement()
        .asString()
        .contains("checkpoints/images-", NO_SPACE, "make room, then go on");
    List<Path> saved = RunFolder.open(copiedRun).checkpoints();
    assertThat(saved).hasSizeBetween(2, 9);
    saved.forEach(Checkpoint::open);
    assertNothingHalfWritten(copiedRun);

    Command.run(train(copiedRun, "--resume", "checkpoint.keep-last=2")).exitedWith(0);

    Path whole = temporary.resolve("whole");
    Command.run(train(whole, "checkpoint.keep-last=2")).exitedWith(0);
    assertThat(TinyRun.learnt(copiedRun)).isEqualTo(TinyRun.learnt(whole));
  }

  @Test
  void shouldGoOnButMissTheLastCheckpointWhenTheDiskStaysFull() throws Exception {
    Command.Result result =
        Command.startUnder(
                Mounts.shell(Mounts.disk(disk, MIB) + Mounts.commandThenCopy(disk, copy)),
                train(disk.resolve("run"), "--json"))
            .await()
            .exitedWith(2);

    List<String> sentences = sentences(result);
    assertThat(sentences).hasSizeGreaterThan(2).allMatch(line -> line.contains(NO_SPACE));
    assertThat(sentences.get(0)).endsWith("the run goes on and tries again at the next checkpoint");
    assertThat(sentences).last().asString().contains("images-000000160", "--resume");
    assertThat(result.out()).anyMatch(line -> line.startsWith("{\"event\":\"checkpoint_failed\""));
    List<Path> saved = RunFolder.open(copiedRun).checkpoints();
    saved.forEach(Checkpoint::open);
    assertNothingHalfWritten(copiedRun);
  }

  /** Somebody else fills the disk to the last byte, and frees it again later. */
  @Test
  void shouldGoOnWithoutStatisticsWhileTheDiskIsFullAndEndWellWhenThereIsRoomAgain()
      throws Exception {
    Path run = disk.resolve("run");
    Path said = temporary.resolve("said");
    String script =
        Mounts.disk(disk, MIB)
            + """
            "$@" 2>'%2$s' &
            java=$!
            alive() { kill -0 $java 2>/dev/null; }
            until [ -s '%1$s/stats.jsonl' ] || ! alive; do sleep 0.05; done
            cat /dev/zero >'%1$s/filler' 2>/dev/null
            until grep -q 'goes on without it' '%2$s' || ! alive; do sleep 0.05; done
            rm '%1$s/filler'
            lines=$(wc -l <'%1$s/stats.jsonl')
            until [ $(wc -l <'%1$s/stats.jsonl') -gt $lines ] || ! alive; do sleep 0.05; done
            kill -TERM $java
            wait $java
            code=$?
            cp -a '%3$s/.' '%4$s'
            cat '%2$s' >&2
            exit $code
            """
                .formatted(run, said, disk, copy);

    Command.Result result =
        Command.startUnder(
                Mounts.shell(script),
                train(run, "images=1000000", "checkpoint.every-images=0", "log.tick-images=16"))
            .await()
            .exitedWith(130);

    assertThat(sentences(result))
        .isNotEmpty()
        .allMatch(line -> line.contains(NO_SPACE) && line.endsWith("the run goes on without it"));
    ObjectMapper json = new ObjectMapper();
    for (String line : Files.readAllLines(copiedRun.resolve("stats.jsonl"))) {
      assertThat(json.readTree(line).get("images").asLong()).isPositive();
    }
    assertThat(TinyRun.newestCheckpoint(copiedRun).manifest().images()).isPositive();
  }

  private static String[] train(Path run, String... more) {
    String[] settings = {
      "images=160",
      "network.channels=16",
      "network.attention-resolutions=[]",
      "data.path=builtin:fashion-mnist-test-2k",
      "threads=1",
      "evaluation.features=none",
      "evaluation.at-images=[]",
      "checkpoint.every-images=16",
      "checkpoint.keep-last=100"
    };
    return TinyRun.train(
        run, Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new));
  }

  /** What it said beside its progress: sentences, and never a stack trace. */
  private static List<String> sentences(Command.Result result) {
    List<String> others =
        result.err().stream()
            .filter(line -> !line.contains("images/s"))
            .filter(line -> !line.startsWith("stopping: "))
            .toList();
    assertThat(others).allMatch(line -> line.startsWith("fewstep: "));
    return others;
  }

  private static void assertNothingHalfWritten(Path run) throws IOException {
    try (Stream<Path> all = Files.walk(run)) {
      assertThat(all).noneMatch(path -> path.getFileName().toString().contains(".tmp-"));
    }
  }
}
