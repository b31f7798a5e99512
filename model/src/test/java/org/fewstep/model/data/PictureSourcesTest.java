package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Png;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class PictureSourcesTest {
  private static final int CIFAR_RECORD = 3073;

  @TempDir Path folder;

  @Test
  void shouldLabelByTheSortedNamesOfSubFolders() throws IOException {
    write("cats/b.png", picture(3, 4, 4, 1));
    write("Dogs/deep/er/a.png", picture(3, 4, 4, 2));
    write("cats/a.png", picture(1, 4, 4, 3));
    write("birds/z.png", picture(3, 4, 4, 4));
    Files.writeString(folder.resolve("cats/.DS_Store"), "");
    Files.writeString(folder.resolve("Thumbs.db"), "");

    ImageDataset set = Datasets.open(folder.toString());
    assertThat(set.shape()).isEqualTo(new ImageShape(3, 4, 4));
    assertThat(set.classes()).isEqualTo(3);
    assertThat(labels(set)).containsExactly(0, 1, 2, 2);
    double[] grey = new double[48];
    set.read(2, grey, 0);
    assertThat(Arrays.copyOfRange(grey, 0, 16)).isEqualTo(Arrays.copyOfRange(grey, 32, 48));

    try (PictureSource source = Datasets.openPictures(folder.toString())) {
      assertThat(source.classNames()).containsExactly("Dogs", "birds", "cats");
      assertThat(source.where(3)).endsWith("cats/b.png");
      assertThat(source.allGrey()).isFalse();
    }
  }

  @Test
  void shouldHaveNoLabelsWithoutSubFolders() throws IOException {
    write("b.png", picture(1, 4, 4, 1));
    write("a.png", picture(1, 4, 4, 2));

    ImageDataset set = Datasets.open(folder.toString());

    assertThat(set.classes()).isZero();
    assertThat(set.shape()).isEqualTo(new ImageShape(1, 4, 4));
    double[] first = new double[16];
    set.read(0, first, 0);
    assertThat(PixelScale.toPixel(first[0])).isEqualTo(picture(1, 4, 4, 2).values()[0]);
  }

  @Test
  void shouldSayWhichPictureDoesNotFit() throws IOException {
    write("a.png", picture(3, 4, 4, 1));
    write("b.png", picture(3, 5, 7, 1));
    assertMistake("b.png", "7 x 5", "4 x 4", "data convert");
    Files.delete(folder.resolve("b.png"));

    Files.writeString(folder.resolve("notes.txt"), "hello");
    assertMistake("notes.txt", "is no picture");
    Files.delete(folder.resolve("notes.txt"));

    write("cats/c.png", picture(3, 4, 4, 1));
    assertMistake("a.png", "lies beside sub-folders");
    Files.delete(folder.resolve("a.png"));

    byte[] png = Files.readAllBytes(folder.resolve("cats/c.png"));
    Files.write(folder.resolve("cats/c.png"), Arrays.copyOf(png, png.length - 20));
    assertMistake("c.png", "ends too early");
  }

  @Test
  void shouldReadAnUnpackedArchiveAsTheArchive() throws IOException {
    Path zip = folder.resolve("set.zip");
    ImageDataset set =
        new MemoryDataset(
            new ImageShape(1, 4, 4),
            List.of(picture(1, 4, 4, 1).values(), picture(1, 4, 4, 2).values()),
            new int[] {1, 0});
    ZipDatasetWriter.write(set, new int[] {0, 1}, zip);
    Path unpacked = folder.resolve("unpacked");
    try (var archive = new java.util.zip.ZipFile(zip.toFile())) {
      for (var entry : archive.stream().toList()) {
        Path file = unpacked.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(archive.getInputStream(entry), file);
      }
    }
    assertThat(Datasets.open(unpacked.toString()).fingerprint()).isEqualTo(set.fingerprint());
  }

  @Test
  void shouldKeepPixelsLabelsAndNamesWhenConvertingToAnArchive() throws IOException {
    write("x/1.png", picture(3, 9, 12, 1));
    write("y/2.png", picture(1, 20, 8, 2));
    Path zip = folder.resolve("out/set.zip");
    List<Integer> progress = new ArrayList<>();
    try (PictureSource source = Datasets.openPictures(folder.toString())) {
      ZipDatasetWriter.write(
          source,
          i -> PictureDataset.inChannels(Crop.ADM.apply(source.read(i), 4), 3),
          progress::add,
          zip);
    }

    assertThat(progress).containsExactly(1, 2);
    ImageDataset set = Datasets.open(zip.toString());
    assertThat(set.shape()).isEqualTo(new ImageShape(3, 4, 4));
    assertThat(labels(set)).containsExactly(0, 1);
    double[] image = new double[48];
    set.read(0, image, 0);
    byte[] expected = Crop.ADM.apply(picture(3, 9, 12, 1), 4).values();
    for (int i = 0; i < 48; i++) {
      assertThat(PixelScale.toPixel(image[i])).isEqualTo(expected[i]);
    }
    try (PictureSource source = Datasets.openPictures(zip.toString())) {
      assertThat(source.classNames()).containsExactly("x", "y");
    }
    assertThat(Datasets.classNames(zip.toString())).containsExactly("x", "y");
  }

  @Test
  void shouldLeaveNoFileWhenAPictureIsDamaged() throws IOException {
    write("in/1.png", picture(3, 4, 4, 1));
    Files.writeString(folder.resolve("in/2.png"), "no picture");
    Path out = folder.resolve("out");
    try (PictureSource source = Datasets.openPictures(folder.resolve("in").toString())) {
      assertThatThrownBy(
              () -> ZipDatasetWriter.write(source, source::read, n -> {}, out.resolve("set.zip")))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("2.png");
    }
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void shouldReadCifarFromFolderFileAndArchive() throws IOException {
    byte[] first = cifar(3, 1);
    byte[] second = cifar(2, 2);
    byte[] test = cifar(2, 3);
    Files.write(folder.resolve("data_batch_1.bin"), first);
    Files.write(folder.resolve("data_batch_2.bin"), second);
    for (int i = 3; i <= 5; i++) {
      Files.write(folder.resolve("data_batch_%d.bin".formatted(i)), cifar(1, i));
    }
    Files.write(folder.resolve("test_batch.bin"), test);
    Files.writeString(folder.resolve("batches.meta.txt"), "airplane");
    Path archive = folder.resolve("cifar-10-binary.tar.gz");
    tar(
        archive,
        "data_batch_2.bin",
        second,
        "test_batch.bin",
        test,
        "data_batch_1.bin",
        first,
        "data_batch_5.bin",
        cifar(1, 5),
        "data_batch_4.bin",
        cifar(1, 4),
        "data_batch_3.bin",
        cifar(1, 3));

    ImageDataset train = Datasets.open(folder.toString());
    assertThat(train.shape()).isEqualTo(new ImageShape(3, 32, 32));
    assertThat(train.count()).isEqualTo(8);
    assertThat(train.label(4)).isEqualTo(second[CIFAR_RECORD]);
    double[] image = new double[3072];
    train.read(3, image, 0);
    assertThat(PixelScale.toPixel(image[3071])).isEqualTo(second[3072]);
    assertThat(Datasets.open(archive.toString()).fingerprint()).isEqualTo(train.fingerprint());
    assertThat(Datasets.open(archive + "#test").fingerprint())
        .isEqualTo(Datasets.open(folder + "#test").fingerprint())
        .isEqualTo(Datasets.open(folder.resolve("test_batch.bin").toString()).fingerprint());
    try (PictureSource source = Datasets.openPictures(folder + "#test")) {
      assertThat(source.classNames()).hasSize(10).startsWith("airplane");
    }
    Files.write(archive, new byte[1]);
    assertThat(Datasets.classNames(archive.toString())).isEqualTo(CifarDataset.CLASS_NAMES);
  }

  @Test
  void shouldNameTheRecordThatIsDamagedInCifar() throws IOException {
    byte[] records = cifar(3, 1);
    Path file = folder.resolve("data_batch_1.bin");
    for (int i = 2; i <= 5; i++) {
      Files.write(folder.resolve("data_batch_%d.bin".formatted(i)), cifar(1, i));
    }
    Files.write(file, Arrays.copyOf(records, 2 * CIFAR_RECORD + 100));
    assertMistake("data_batch_1.bin", "record 2 has 100 bytes");
    records[CIFAR_RECORD] = 10;
    Files.write(file, records);
    assertMistake("data_batch_1.bin", "record 1 has the label 10");
    Files.write(file, new byte[0]);
    assertMistake("data_batch_1.bin", "record 0");
    Files.write(file, cifar(1, 1));
    Files.delete(folder.resolve("data_batch_5.bin"));
    assertMistake("data_batch_5.bin", "is missing");
    Files.delete(file);
    assertMistake("data_batch_1.bin", "is missing");
    assertThatThrownBy(() -> Datasets.open(folder + "#t10k"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("#train and #test");

    Path archive = folder.resolve("c.tar.gz");
    tar(archive, "data_batch_1.bin", cifar(2, 1));
    byte[] whole = Files.readAllBytes(archive);
    for (int length = 0; length < whole.length - 20; length += 97) {
      Files.write(archive, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Datasets.open(archive.toString()))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("c.tar.gz");
    }
    Files.write(archive, whole);
    assertThatThrownBy(() -> Datasets.open(archive.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("data_batch_2.bin is missing");
  }

  @Test
  void shouldRefuseACifarBatchThatIsThereTwice() throws IOException {
    for (int i = 1; i <= 5; i++) {
      Files.write(folder.resolve("data_batch_%d.bin".formatted(i)), cifar(1, i));
    }
    Files.write(folder.resolve("data_batch_01.bin"), cifar(1, 7));
    assertMistake("data_batch_1.bin", "data_batch_01.bin", "has the same number");

    Path archive = folder.resolve("c.tar.gz");
    tar(archive, "data_batch_1.bin", cifar(1, 1), "old/data_batch_1.bin", cifar(1, 2));
    assertThatThrownBy(() -> Datasets.open(archive.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("c.tar.gz", "holds data_batch_1.bin twice");
  }

  @Test
  void shouldNotLeaveOutPicturesBesideOtherFiles() throws IOException {
    Files.write(folder.resolve("test_batch.bin"), cifar(2, 1));
    write("deep/a.png", picture(3, 4, 4, 1));
    assertThat(Datasets.folderOf(folder.toString())).contains(folder);
    write("a.png", picture(3, 4, 4, 1));
    assertMistake("a.png", "lies beside CIFAR files", "#train");
    assertThat(Datasets.open(folder + "#test").count()).isEqualTo(2);
  }

  @Test
  void shouldRefuseAClassWithoutPictures() throws IOException {
    write("cats/a.png", picture(3, 4, 4, 1));
    Files.createDirectories(folder.resolve(".git"));
    Datasets.open(folder.toString());
    Files.createDirectories(folder.resolve("dogs/more"));
    Files.writeString(folder.resolve("dogs/.DS_Store"), "");
    assertMistake("dogs", "holds no pictures");
  }

  @Test
  void shouldNameTheFolderThatCannotBeRead() throws IOException {
    write("cats/a.png", picture(3, 4, 4, 1));
    Files.createSymbolicLink(folder.resolve("cats/again"), folder);
    assertThatThrownBy(() -> Datasets.open(folder.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(folder.resolve("cats/again") + ": it links to a folder");
  }

  @Test
  void shouldTakeABackslashForPartOfAName() throws IOException {
    write("a\\b.png", picture(3, 4, 4, 1));
    try (PictureSource source = Datasets.openPictures(folder.toString())) {
      assertThat(source.labelled()).isFalse();
      assertThat(source.where(0)).endsWith("a\\b.png");
      assertThat(source.read(0).values()).isEqualTo(picture(3, 4, 4, 1).values());
    }
  }

  /** As in a container without LANG: such names become question marks in Java's texts. */
  @Test
  void shouldReadNamesThatJavaTakesForAscii() throws Exception {
    write("new/a.png", picture(3, 4, 4, 1));
    write("zoo/z.png", picture(3, 4, 4, 2));
    shell("mv new \"$(printf 'caf\\303\\251')\"");
    assertThat(readInAscii()).isEqualTo("zoo 48 48");
    write("new/a.png", picture(3, 4, 4, 1));
    shell("mv new \"$(printf 'caf\\303\\250')\"");
    assertThat(readInAscii()).contains("look the same to Java", "LC_ALL=C.UTF-8");
  }

  private String readInAscii() throws Exception {
    return shell(
        "LC_ALL=POSIX '%s' -XX:TieredStopAtLevel=1 -cp '%s' '%s' ."
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(entry -> Path.of(entry).toAbsolutePath().toString())
                    .collect(Collectors.joining(File.pathSeparator)),
                Reading.class.getName()));
  }

  private String shell(String command) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said.strip();
  }

  /** A process of its own, as Java asks for the encoding of names only once. */
  static final class Reading {
    private Reading() {}

    public static void main(String[] args) {
      try (PictureSource source = Datasets.openPictures(args[0])) {
        System.out.printf(
            "%s %d %d%n",
            source.classNames().get(1),
            source.read(0).values().length,
            source.read(1).values().length);
      } catch (UserException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void shouldTellFoldersFromOtherLocations() throws IOException {
    write("cats/a.png", picture(3, 4, 4, 1));
    Files.write(folder.resolve("cats/train-images-idx3-ubyte"), new byte[1]);
    assertThat(Datasets.folderOf(folder.toString())).contains(folder);
    assertThat(Datasets.folderOf(folder.resolve("cats") + "#t10k"))
        .contains(folder.resolve("cats"));
    assertThat(Datasets.folderOf("builtin:fashion-mnist-test-2k")).isEmpty();
    assertThatThrownBy(() -> Datasets.folderOf(" "))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is empty");
  }

  /** Whoever opens a pipe waits for somebody to write into it. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldRefusePipesInsteadOfWaiting() throws Exception {
    for (String name :
        List.of("set.zip", "train-images-idx3-ubyte", "test_batch.bin", "c.tar.gz", "a.png")) {
      Path pipe = folder.resolve(name);
      assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
      String inFolder = name.equals("test_batch.bin") ? folder + "#test" : folder.toString();
      for (String location : List.of(pipe.toString(), inFolder)) {
        assertThatThrownBy(() -> Datasets.openPictures(location))
            .as(location)
            .isInstanceOf(UserException.class)
            .hasMessageContainingAll(name, "is no regular file");
      }
      Files.delete(pipe);
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFitIntoMemory() {
    assertThatThrownBy(
            () -> MemoryDataset.checkFits("big.zip", 1 << 30, new ImageShape(3, 256, 256)))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("big.zip", "FEWSTEP_JAVA_OPTS");
  }

  /** Files with holes take no room on the disk. */
  @Test
  void shouldRefuseIdxAndCifarFilesThatDoNotFitIntoMemory() throws IOException {
    Path cifar = folder.resolve("data_batch_1.bin");
    Path idx = folder.resolve("train-images-idx3-ubyte");
    try (RandomAccessFile file = new RandomAccessFile(idx.toFile(), "rw")) {
      file.writeInt(0x803);
      file.writeInt(1 << 20);
      file.writeInt(1 << 10);
      file.writeInt(1 << 10);
      file.setLength(1L << 31);
    }
    try (RandomAccessFile file = new RandomAccessFile(cifar.toFile(), "rw")) {
      file.setLength(1L << 40);
    }
    for (Path file : List.of(cifar, idx)) {
      assertThatThrownBy(() -> Datasets.open(file.toString()))
          .isInstanceOf(UserException.class)
          .hasMessageContainingAll(file.toString(), "do not fit", "FEWSTEP_JAVA_OPTS");
    }
  }

  private void assertMistake(String... parts) {
    assertThatThrownBy(() -> Datasets.open(folder.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(parts);
  }

  private static int[] labels(ImageDataset set) {
    return IntStream.range(0, set.count()).map(set::label).toArray();
  }

  private void write(String name, Png.Pixels picture) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, Png.encode(picture));
  }

  private static Png.Pixels picture(int channels, int height, int width, int seed) {
    byte[] values = new byte[channels * height * width];
    new Random(seed).nextBytes(values);
    return new Png.Pixels(channels, height, width, values);
  }

  private static byte[] cifar(int count, int seed) {
    byte[] records = new byte[count * CIFAR_RECORD];
    new Random(seed).nextBytes(records);
    for (int i = 0; i < count; i++) {
      records[i * CIFAR_RECORD] = (byte) ((i + seed) % 10);
    }
    return records;
  }

  private static void tar(Path file, Object... namesAndContents) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file));
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name())) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        byte[] content = (byte[]) namesAndContents[i + 1];
        TarArchiveEntry entry = new TarArchiveEntry("cifar-10-batches-bin/" + namesAndContents[i]);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
  }
}
