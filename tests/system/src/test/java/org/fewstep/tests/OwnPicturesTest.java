package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docs/data.md} promises about a folder of one's own pictures, as it is written. */
class OwnPicturesTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path PAGE = Path.of("../../docs/data.md");
  private static final String LAUNCHER = "./fewstep ";
  private static final int PICTURES = 500;
  private static final int UPDATES = 200;

  /** What makes the second command end within seconds; the first is run as it is. */
  private static final List<String> SMALL =
      List.of(
          "network.channels=4",
          "network.channel-mult=[1,1,1]",
          "network.attention-resolutions=[]",
          "trainers=1",
          "batch=4",
          "images=" + UPDATES * 4,
          "exchange.unit-images=4",
          "optimizer.warmup-images=100",
          "optimizer.decay-images=100",
          "evaluation.at-images=[]",
          "evaluation.steps=[1]",
          "evaluation.grid-images=4",
          "checkpoint.every-images=0",
          "--run-dir",
          "run");

  @TempDir Path temporary;

  @Test
  void shouldBecomeADataSetAndTrainByTheTwoCommandsOfThePage() throws IOException {
    draw(Files.createDirectory(temporary.resolve("my-pictures")));
    List<String> commands = commands();
    assertThat(commands).hasSize(2);

    run(commands.get(0), List.of());
    Command.Result training = run(commands.get(1), SMALL);

    assertThat(String.join("\n", training.out()))
        .contains("500 images of 3x32x32")
        .contains("Done after 800 images");
    List<String> ticks = Files.readAllLines(temporary.resolve("run/stats.jsonl"));
    JsonNode last = JSON.readTree(ticks.get(ticks.size() - 1));
    assertThat(last.get("images").asInt()).isEqualTo(UPDATES * 4);
    assertThat(last.get("loss").asDouble()).isPositive();
    try (var grids = Files.list(temporary.resolve("run/samples"))) {
      assertThat(grids).hasSize(1);
    }
  }

  private Command.Result run(String line, List<String> more) {
    assertThat(line).startsWith(LAUNCHER);
    List<String> arguments =
        new ArrayList<>(Arrays.asList(line.substring(LAUNCHER.length()).split(" ")));
    arguments.addAll(more);
    return Command.startIn(temporary, arguments.toArray(String[]::new)).await().exitedWith(0);
  }

  /** The lines of the page's first block of commands. */
  private static List<String> commands() throws IOException {
    String page = Files.readString(PAGE);
    String opening = "```sh\n";
    int start = page.indexOf(opening) + opening.length();
    return page.substring(start, page.indexOf("```", start)).lines().toList();
  }

  /** Discs on a ground of colours, in four formats, none larger than 90 pixels. */
  private static void draw(Path folder) throws IOException {
    Random random = new Random(1);
    List<String> formats = List.of("jpg", "png", "bmp", "gif");
    for (int i = 0; i < PICTURES; i++) {
      int width = 20 + random.nextInt(70);
      int height = 20 + random.nextInt(70);
      BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
      Graphics2D pen = picture.createGraphics();
      pen.setColor(new Color(random.nextInt(1 << 24)));
      pen.fillRect(0, 0, width, height);
      pen.setColor(new Color(random.nextInt(1 << 24)));
      pen.fillOval(random.nextInt(20), random.nextInt(20), width / 2, height / 2);
      pen.dispose();
      String format = formats.get(i % formats.size());
      Path file = folder.resolve("picture %03d.%s".formatted(i, format));
      assertThat(ImageIO.write(picture, format, file.toFile())).isTrue();
    }
  }
}
