package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBoardEventsTest {
  @TempDir Path folder;

  /**
   * The first record of every event file, for wall time 0, byte for byte as TensorFlow's own writer
   * frames it: length 24, masked checksum of the length, the message, its masked checksum.
   */
  @Test
  void shouldFrameRecordsAsTensorFlowDoes() throws IOException {
    Path file;
    try (TensorBoardEvents events = TensorBoardEvents.create(folder, 0, 0)) {
      events.add(2.0, 300, Map.of("loss", 0.5));
    }
    try (var files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(file);
    String hex = HexFormat.of().formatHex(bytes);
    // The checksum a37f4b22 of the length 24 stands at the head of every TensorFlow event file.
    assertThat(hex).startsWith("1800000000000000a37f4b22" + "090000000000000000" + "1a0d");
    assertThat(new String(bytes, 23, 13, java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo("brain.Event:2");
    String event =
        "090000000000000040" // wall_time = 2.0
            + "10ac02" // step = 300
            + "2a0d0a0b" // summary with one value
            + "0a046c6f7373" // tag = loss
            + "150000003f"; // simple_value = 0.5
    assertThat(hex).contains(event);
  }

  @Test
  void shouldTellTensorBoardWhatToDropAndTakeAnotherNameWhenARunGoesOn() throws IOException {
    TensorBoardEvents.create(folder, 0, 0).close();
    TensorBoardEvents.create(folder, 0, 161).close();

    byte[] second = Files.readAllBytes(folder.resolve("events.out.tfevents.0.fewstep-2"));
    String start =
        "090000000000000000" // wall_time = 0
            + "10a101" // step = 161
            + "3a020801"; // session_log with status = START
    assertThat(HexFormat.of().formatHex(second)).contains(start);
    assertThat(Files.size(folder.resolve("events.out.tfevents.0.fewstep")))
        .isLessThan(second.length);
  }
}
