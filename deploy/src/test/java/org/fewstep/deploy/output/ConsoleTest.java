package org.fewstep.deploy.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console(boolean json, boolean terminal) {
    return new Console(
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        json,
        terminal);
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }

  @Test
  void shouldPrintObjectsAloneWhenScriptsRead() {
    Console console = console(true, false);

    console.human("for people");
    console.note("beside");
    console.json(Json.object().put("value", Double.NaN).put("steps", 4));

    assertThat(text(out)).isEqualTo("{\"value\":null,\"steps\":4}\n");
    assertThat(text(err)).isEqualTo("beside\n");
  }

  @Test
  void shouldPrintSentencesAloneWhenPeopleRead() {
    Console console = console(false, false);

    console.human("for people");
    console.json(Json.object());

    assertThat(text(out)).isEqualTo("for people\n");
    assertThat(text(err)).isEmpty();
  }

  @Test
  void shouldRemoveTheProgressLineWhenAnotherLineFollows() {
    Console console = console(false, true);

    console.rewrite("10 %");
    console.human("a score");

    assertThat(text(err)).isEqualTo("\r10 %\r\033[K");
    assertThat(text(out)).isEqualTo("a score\n");
  }

  @Test
  void shouldPrintALineATickWhenThereIsNoTerminal() {
    try (TrainingView view = new TrainingView(console(false, false), "tiny", 1000)) {
      view.update(250, 50, 0.5);
      view.tick(250, 50, 0.5, 0.031);
    }

    assertThat(text(err))
        .isEqualTo(
            "250 of 1,000 images (25 %)  50.0 images/s  loss 0.5000  waiting 3.1 %  15s left\n");
  }

  @Test
  void shouldRewriteABarWhenThereIsATerminal() {
    try (TrainingView view = new TrainingView(console(false, true), "tiny", 1000)) {
      view.update(250, 50, 0.5);
      view.tick(250, 50, 0.5, 0.031);
    }

    assertThat(text(err)).contains("\rtiny", "250/1000").doesNotContain("\n").endsWith("\r\033[K");
  }
}
