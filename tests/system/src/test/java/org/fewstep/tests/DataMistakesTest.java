package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the command says to data that are not as they should be. */
class DataMistakesTest {
  @TempDir static Path temporary;
  private static CommandServer server;

  @BeforeAll
  static void start() {
    server = CommandServer.startIn(temporary);
  }

  @AfterAll
  static void end() {
    server.close();
  }

  @BeforeEach
  void spoil() throws IOException {
    picture("mixed/a.png", 32, 32);
    picture("mixed/b.png", 40, 28);
    picture("wide/a.png", 40, 28);
    picture("plain/a.png", 32, 32);
    picture("beside/a.png", 32, 32);
    picture("beside/cats/b.png", 32, 32);
    picture("notes/a.png", 32, 32);
    Files.writeString(temporary.resolve("notes/notes.txt"), "hello");
    picture("cut/a.png", 32, 32);
    byte[] whole = Files.readAllBytes(temporary.resolve("cut/a.png"));
    Files.write(temporary.resolve("cut/b.png"), Arrays.copyOf(whole, whole.length / 2));
    Files.createDirectories(temporary.resolve("svg"));
    Files.writeString(temporary.resolve("svg/a.png"), "<svg/>");
    Files.createDirectories(temporary.resolve("empty"));
    Files.createDirectories(temporary.resolve("cifar"));
    Files.write(temporary.resolve("cifar/data_batch_1.bin"), new byte[5000]);
    Files.write(temporary.resolve("broken.zip"), new byte[100]);
    Files.write(temporary.resolve("broken.tar.gz"), new byte[100]);
    Files.writeString(temporary.resolve("there.zip"), "precious");
  }

  /** Arguments, and what the sentence must name. */
  @ParameterizedTest(name = "fewstep {0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          data                                               | fetch, convert or inspect
          data convert mixed                                 | --out
          data convert nowhere --out x.zip                   | nowhere
          data convert mixed --out x.zip                     | --size
          data convert mixed --out x.png                     | FILE.zip
          data convert mixed --out there.zip --size 8        | --force
          data convert mixed --out there.zip/x.zip --size 8  | --out
          data convert mixed --out x.zip --size 0            | --size
          data convert mixed --out x.zip --size 8 --crop top | adm, center
          data convert cut --out x.zip --size 8              | b.png
          data convert svg --out x.zip --size 8              | a.png
          data convert notes --out x.zip --size 8            | notes.txt
          data convert mixed --out mixed/in/x.zip --size 8   | lies in mixed
          data convert broken.zip --out x.zip                | broken.zip
          data inspect mixed                                 | data convert
          data inspect empty                                 | holds no pictures
          data inspect beside                                | sub-folders
          data inspect cifar                                 | data_batch_2.bin is missing
          data inspect cifar/data_batch_1.bin                | record 1
          data inspect cifar#t10k                            | #train and #test
          data inspect broken.tar.gz                         | broken.tar.gz
          data inspect wide --grid x.jpg                     | FILE.png
          data fetch cifar10                                 | emoji, fashion-mnist, mnist
          data fetch mnist --from nowhere.tgz                | nowhere.tgz
          data fetch mnist --from broken.tar.gz              | broken.tar.gz
          data fetch emoji --from broken.tar.gz              | SHA-256
          data fetch fashion-mnist --from empty              | dataset-fashion-mnist
          data fetch emoji --out there.zip                   | --out
          train pictures32 data.path=mixed                   | data convert
          train pictures32 data.path=wide                    | square
          train pictures32 data.path=cut                     | b.png
          train emoji32 data.path=plain                      | has no labels
          train mnist                                        | data fetch mnist
          train cifar10                                      | cifar-10-batches-bin
          train tiny data.augment=0.12                       | data.augment
          train imagenet256                                  | imagenet256-latents.zip
          train tiny data.expected.size=64 --dry-run         | data.expected.size is 64
          """)
  void shouldExitWith2AndLeaveNothing(String line, String named) throws IOException {
    List<String> before = files();

    Command.Result result = server.run(line.split(" ")).exitedWith(2);

    List<String> said =
        result.err().stream()
            .filter(text -> !text.matches("(fetching|reading) .* \\.\\.\\."))
            .toList();
    assertThat(said).hasSize(1);
    assertThat(said.get(0)).startsWith("fewstep: ").contains(named);
    assertThat(files()).isEqualTo(before);
    assertThat(temporary.resolve("there.zip")).hasContent("precious");
  }

  @Test
  void shouldSayWhatIsInADataSet() throws IOException {
    server
        .run("data convert mixed --size 16 --crop center --out there.zip --force".split(" "))
        .exitedWith(0);

    Command.Result result =
        server.run("data inspect there.zip --grid grid.png".split(" ")).exitedWith(0);

    assertThat(result.out()).anyMatch(line -> line.matches("  images +2 of 3x16x16"));
    assertThat(result.out()).anyMatch(line -> line.matches("  fingerprint +[0-9a-f]{64}"));
    assertThat(ImageIO.read(temporary.resolve("grid.png").toFile()).getWidth())
        .isEqualTo(2 * 16 + 2);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.walk(temporary)) {
      return all.map(Path::toString).sorted().toList();
    }
  }

  private void picture(String name, int width, int height) throws IOException {
    Path file = temporary.resolve(name);
    Files.createDirectories(file.getParent());
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    picture.setRGB(width / 2, height / 2, 0xFF8040);
    ImageIO.write(picture, "png", file.toFile());
  }
}
