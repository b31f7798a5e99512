package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.fewstep.config.UserException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreJsonTest {
  private static final String LINE =
      "{\"metric\":\"FD[fashion-cnn]\",\"value\":3.25,\"steps\":4,\"network_evaluations\":8,"
          + "\"samples\":2000,\"features\":\"fashion-cnn\",\"reference\":\"fashion-mnist\","
          + "\"track\":\"ema\",\"images\":640000,\"version\":10000,\"sampler\":\"pushforward\","
          + "\"time_grid\":\"uniform\",\"guidance\":1.5,\"seed\":-7,\"floor\":0.125,"
          + "\"floor_samples\":2000,\"blurred\":40.5,\"seconds\":1.75}";

  @Test
  void shouldWriteOneLineWithKeysInSnakeCase() {
    assertThat(ScoreJson.toLine(score(3.25, 0.125, 2000, 40.5))).isEqualTo(LINE);
  }

  @Test
  void shouldReadWhatItWrote() {
    Score score = score(0.1 + 0.2, 1.0 / 3, 2000, 1e-300);
    assertThat(ScoreJson.fromLine(ScoreJson.toLine(score))).isEqualTo(score);
    assertThat(ScoreJson.fromLine(LINE)).isEqualTo(score(3.25, 0.125, 2000, 40.5));
  }

  @Test
  void shouldWriteNullWhenAValueIsMissingOrNotANumber() {
    Score score = score(Double.NaN, Double.NaN, null, null);
    String line = ScoreJson.toLine(score);
    assertThat(line)
        .contains("\"value\":null", "\"floor\":null", "\"floor_samples\":null")
        .contains("\"blurred\":null")
        .doesNotContain("NaN");
    Score back = ScoreJson.fromLine(line);
    assertThat(back.value()).isNaN();
    assertThat(back.floor()).isNull();
    assertThat(back).isEqualTo(score);
  }

  @Test
  void shouldSkipKeysItDoesNotKnow() {
    assertThat(ScoreJson.fromLine(LINE.replace("{", "{\"new_key\":[1],")))
        .isEqualTo(ScoreJson.fromLine(LINE));
  }

  @Test
  void shouldRefuseALineWhenAKeyIsMissing() {
    assertThatThrownBy(() -> ScoreJson.fromLine(LINE.replace("\"value\":3.25,", "")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("value");
    assertThatThrownBy(() -> ScoreJson.fromLine(LINE.replace("\"steps\":4", "\"steps\":null")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("int");
  }

  @Test
  void shouldNameFileAndLineWhenALineIsNoScore(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("scores.jsonl");
    Files.writeString(file, LINE + "\n\n" + LINE + "\n");
    assertThat(ScoreJson.read(file)).hasSize(2).containsOnly(ScoreJson.fromLine(LINE));
    Files.writeString(file, LINE + "\n{\"metric\":\n");
    assertThatThrownBy(() -> ScoreJson.read(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("Line 2 of " + file);
  }

  @Test
  void shouldPassOverHalfALastLine(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("scores.jsonl");
    Files.writeString(file, LINE + "\n" + LINE.substring(0, 20));

    assertThat(ScoreJson.read(file)).containsExactly(ScoreJson.fromLine(LINE));
  }

  private static Score score(
      double value,
      @Nullable Double floor,
      @Nullable Integer floorSamples,
      @Nullable Double blurred) {
    return new Score(
        "FD[fashion-cnn]",
        value,
        4,
        8,
        2000,
        "fashion-cnn",
        "fashion-mnist",
        "ema",
        640_000,
        10_000,
        "pushforward",
        "uniform",
        1.5,
        -7,
        floor,
        floorSamples,
        blurred,
        1.75);
  }
}
