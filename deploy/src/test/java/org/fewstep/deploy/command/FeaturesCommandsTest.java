package org.fewstep.deploy.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FeaturesCommandsTest {
  @TempDir Path folder;

  @Test
  void shouldNotTrainOverTheDataSet() throws IOException {
    Path data = Files.writeString(folder.resolve("d.zip"), "images");
    refuses(
        new FeaturesTrainCommand(),
        "--out must be a file FILE.safetensors",
        "fashion-cnn",
        "--data=" + data,
        "--out=" + data);
    assertThat(data).hasContent("images");
  }

  @Test
  void shouldReplaceWeightsWithForceOnly() throws IOException {
    String out = "--out=" + Files.createFile(folder.resolve("w.safetensors"));
    String data = "--data=" + folder.resolve("nowhere");
    refuses(new FeaturesTrainCommand(), "exists already", "fashion-cnn", data, out);
    refuses(new FeaturesTrainCommand(), "no data set at", "fashion-cnn", data, out, "--force");
  }

  @Test
  void shouldReplaceStatisticsWithForceOnly() throws IOException {
    String out = "--out=" + Files.createFile(folder.resolve("stats.npz"));
    String data = folder.resolve("nowhere").toString();
    refuses(new FeaturesReferenceCommand(), "exists already", data, out);
    refuses(new FeaturesReferenceCommand(), "no data set at", data, out, "--force");
  }

  @Test
  void shouldAskForTestImagesOfAFolderOfPictures() throws IOException {
    Path pictures = Files.createDirectories(folder.resolve("pictures/shirts"));
    BufferedImage picture = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    ImageIO.write(picture, "png", pictures.resolve("a.png").toFile());
    refuses(
        new FeaturesTrainCommand(),
        "--test is missing",
        "fashion-cnn",
        "--data=" + pictures.getParent(),
        "--out=" + folder.resolve("w.safetensors"));
  }

  private static void refuses(Callable<Integer> command, String reason, String... arguments) {
    new CommandLine(command).parseArgs(arguments);
    assertThatThrownBy(command::call)
        .isInstanceOf(UserException.class)
        .hasMessageContaining(reason);
  }
}
