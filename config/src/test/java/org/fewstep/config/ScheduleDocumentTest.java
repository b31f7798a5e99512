package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleDocumentTest {

  @Test
  void shouldReadEveryKeyWhenAllAreGiven() {
    ScheduleDocument document =
        ScheduleDocument.parse(
            """
            { "version": 3, "paused": true, "entries": [ {
              "name": "full", "every_images": 1000, "every_minutes": 2.5, "at_images": [5, 7],
              "at_end": true, "samplers": ["pushforward", "restart"], "steps": [1, 8],
              "tracks": ["live", "long"], "samples": 64, "grid_images": 9,
              "metrics": ["frechet"], "guidance": 1.5, "seed": 11 } ] }
            """,
            "full.json");

    assertThat(document.version()).contains(3L);
    assertThat(document.paused()).isTrue();
    assertThat(document.names()).isEqualTo("full");
    assertThat(document.entries())
        .containsExactly(
            new EvaluationEntry(
                "full",
                1000,
                2.5,
                List.of(5L, 7L),
                true,
                List.of(SamplerKind.PUSHFORWARD, SamplerKind.RESTART),
                List.of(1, 8),
                List.of("live", "long"),
                64,
                9,
                List.of(EvaluationMetric.FRECHET),
                1.5,
                11));
  }

  @Test
  void shouldTakeTheDefaultsWhenKeysAreLeftOut() {
    ScheduleDocument document =
        ScheduleDocument.parse(
            "{\"entries\": [{\"name\": \"quick\", \"steps\": [1]}]}", "quick.json");

    assertThat(document.version()).isEmpty();
    assertThat(document.paused()).isFalse();
    assertThat(document.entries())
        .containsExactly(
            new EvaluationEntry(
                "quick",
                0,
                0,
                List.of(),
                false,
                List.of(SamplerKind.PUSHFORWARD),
                List.of(1),
                List.of("ema"),
                10_000,
                64,
                List.of(EvaluationMetric.GRID),
                1,
                0));
  }

  @Test
  void shouldBeAnEmptyScheduleWhenItHasNoEntries() {
    assertThat(ScheduleDocument.parse("{\"entries\": []}", "none.json").entries()).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {                                       | (?s)s.json.* cannot be read: .*
          []                                      | (?s)s.json.* cannot be read: .*
          {}                                      | entries is missing
          {"entries": 3}                          | entries \\(s.json:1\\) must be a list.*
          {"entires": [], "entries": []}          | entires \\(s.json:1\\) is not a known key; the nearest is entries
          {"entries": [3]}                        | entries\\[0\\] \\(s.json:1\\) must be a group.*
          {"entries": [{"steps": [1]}]}           | entries\\[0\\].name is missing
          {"entries": [{"name": "A b", "steps": [1]}]} | entries\\[A b\\].name \\(s.json:1\\) must consist of a-z.*
          {"entries": [{"name": "a"}]}            | entries\\[a\\].steps is missing
          {"entries": [{"name": "a", "steps": [1], "every-images": 3}]} | entries\\[a\\].every-images \\(s.json:1\\) is not a known key; the nearest is entries.every_images
          {"entries": [{"name": "a", "steps": [0]}]} | entries\\[a\\].steps \\(s.json:1\\) must list values between 1 and 1000000, but lists 0
          {"entries": [{"name": "a", "steps": []}]}  | entries\\[a\\].steps \\(s.json:1\\) must list at least one value
          {"entries": [{"name": "a", "steps": [1], "every_images": -1}]} | entries\\[a\\].every_images \\(s.json:1\\) must be at least 0, but is -1
          {"entries": [{"name": "a", "steps": [1], "every_minutes": "soon"}]} | entries\\[a\\].every_minutes \\(s.json:1\\) must be a number, but is "soon"
          {"entries": [{"name": "a", "steps": [1], "samplers": ["rk45"]}]} | entries\\[a\\].samplers\\[0\\] \\(s.json:1\\) must be one of pushforward, restart, euler, heun, ddim, ddpm, shortcut, ancestral, but is "rk45"
          {"entries": [{"name": "a", "steps": [1], "metrics": ["fid"]}]} | entries\\[a\\].metrics\\[0\\] \\(s.json:1\\) must be one of grid, frechet, but is "fid"
          {"entries": [{"name": "a", "steps": [1], "metrics": ["frechet"], "samples": 1}]} | entries\\[a\\].samples \\(s.json:1\\) must be at least 2.*
          {"entries": [{"name": "a", "steps": [1]}, {"name": "a", "steps": [2]}]} | entries \\(s.json:1\\) must list each value once, but repeats a
          {"entries": [], "version": 0}           | version \\(s.json:1\\) must be at least 1, but is 0
          """)
  void shouldNameTheEntryAndTheKeyWhenItRefuses(String json, String sentence) {
    assertThatThrownBy(() -> ScheduleDocument.parse(json, "s.json"))
        .isInstanceOf(UserException.class)
        .message()
        .matches(sentence);
  }
}
