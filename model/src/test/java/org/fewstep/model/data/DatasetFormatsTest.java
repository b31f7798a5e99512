package org.fewstep.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Npy;
import org.fewstep.model.io.Png;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.io.ZipEntries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetFormatsTest {
  private static final ImageShape SHAPE = new ImageShape(1, 4, 5);
  private static final String LABELS =
      "{\"labels\":[[\"a/0.png\",2],[\"a/1.png\",0],[\"b/0.npy\",1]]}";

  @TempDir Path folder;

  @Test
  void shouldHaveOneFingerprintWhateverTheFormat() throws IOException {
    List<byte[]> images = images(7);
    int[] labels = {3, 1, 0, 2, 2, 1, 0};
    ImageDataset reference = new MemoryDataset(SHAPE, images, labels);

    ZipDatasetWriter.write(reference, IntStream.range(0, 7).toArray(), folder.resolve("set.zip"));
    writeIdx(folder.resolve("train-images-idx3-ubyte"), images, false);
    writeIdxLabels(folder.resolve("train-labels-idx1-ubyte"), labels, false);
    writeIdx(folder.resolve("t10k-images-idx3-ubyte.gz"), images, true);
    writeIdxLabels(folder.resolve("t10k-labels-idx1-ubyte.gz"), labels, true);
    Map<String, byte[]> arrays = new LinkedHashMap<>();
    for (int i = 6; i >= 0; i--) {
      arrays.put("%d.npy".formatted(i), npy(Tensor.of(images.get(i), 1, 4, 5)));
    }
    arrays.put(
        "dataset.json",
        bytes(
            "{\"labels\":%s}"
                .formatted(
                    IntStream.range(0, 7)
                        .mapToObj(i -> "[\"%d.npy\",%d]".formatted(i, labels[i]))
                        .toList())));
    zip("arrays.zip", arrays);

    for (String location :
        List.of(
            "set.zip",
            "arrays.zip",
            "",
            "#train",
            "#t10k",
            "train-images-idx3-ubyte",
            "t10k-images-idx3-ubyte.gz")) {
      String separator = location.startsWith("#") ? "" : "/";
      ImageDataset read = Datasets.open(folder + separator + location);
      assertThat(read.fingerprint()).as(location).isEqualTo(reference.fingerprint());
      assertThat(read.count()).isEqualTo(7);
      assertThat(read.shape()).isEqualTo(SHAPE);
      assertThat(read.classes()).isEqualTo(4);
      assertThat(IntStream.range(0, 7).map(read::label)).containsExactly(3, 1, 0, 2, 2, 1, 0);
    }
  }

  @Test
  void shouldHaveAnotherFingerprintWhenAnythingDiffers() {
    List<byte[]> images = images(2);
    String reference = new MemoryDataset(SHAPE, images, new int[] {0, 1}).fingerprint();
    byte[] changed = images.get(1).clone();
    changed[3]++;
    assertThat(
            List.of(
                new MemoryDataset(SHAPE, images, new int[] {1, 0}),
                new MemoryDataset(SHAPE, images, new int[0]),
                new MemoryDataset(new ImageShape(1, 5, 4), images, new int[] {0, 1}),
                new MemoryDataset(SHAPE, List.of(images.get(0), changed), new int[] {0, 1}),
                new MemoryDataset(SHAPE, List.of(images.get(1), images.get(0)), new int[] {0, 1})))
        .extracting(ImageDataset::fingerprint)
        .doesNotContain(reference)
        .doesNotHaveDuplicates();
  }

  @Property(tries = 40)
  void shouldReadBackTheZipItWrote(
      @ForAll @IntRange(min = 1, max = 12) int count,
      @ForAll boolean colour,
      @ForAll boolean labelled,
      @ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    ImageShape shape = new ImageShape(colour ? 3 : 1, 1 + random.nextInt(6), 1 + random.nextInt(6));
    List<byte[]> images = IntStream.range(0, count).mapToObj(i -> new byte[shape.size()]).toList();
    images.forEach(random::nextBytes);
    int[] labels =
        labelled ? IntStream.range(0, count).map(i -> random.nextInt(5)).toArray() : new int[0];
    MemoryDataset original = new MemoryDataset(shape, images, labels);
    Path file = Files.createTempFile("set", ".zip");
    try {
      ZipDatasetWriter.write(original, IntStream.range(0, count).toArray(), file);
      byte[] first = Files.readAllBytes(file);
      assertThat(ZipDataset.read(file).fingerprint()).isEqualTo(original.fingerprint());
      ZipDatasetWriter.write(ZipDataset.read(file), IntStream.range(0, count).toArray(), file);
      assertThat(Files.readAllBytes(file)).isEqualTo(first);
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void shouldScalePixelsToTheUnitRangeAndBack() {
    byte[] all = new byte[256];
    for (int i = 0; i < 256; i++) {
      all[i] = (byte) i;
    }
    ImageDataset set = new MemoryDataset(new ImageShape(1, 16, 16), List.of(all), new int[0]);
    double[] read = new double[258];
    set.read(0, read, 1);
    assertThat(read[1]).isEqualTo(-1);
    assertThat(read[256]).isEqualTo(1);
    for (int i = 0; i < 256; i++) {
      assertThat(PixelScale.toPixel(read[i + 1])).isEqualTo((byte) i);
    }
    assertThat(PixelScale.toPixel(5)).isEqualTo((byte) 255);
    assertThat(PixelScale.toPixel(-5)).isEqualTo((byte) 0);
    assertThat(set.label(0)).isEqualTo(-1);
    assertThat(set.classes()).isZero();
  }

  @Test
  void shouldOrderImagesByNameAndIgnoreWhatArchiversLeave() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(goodEntries());
    entries.put("a/.DS_Store", bytes("hello"));
    entries.put("a/Thumbs.db", bytes("hello"));
    entries.put("__MACOSX/a/._0.png", bytes("junk"));
    entries.put("dataset.json", bytes(LABELS));
    ImageDataset read = ZipDataset.read(zip("set.zip", entries));
    assertThat(IntStream.range(0, 3).map(read::label)).containsExactly(2, 0, 1);
  }

  @Test
  void shouldReadNamesWithBackslashesOrALeadingDot() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("b\\", new byte[0]);
    goodEntries().forEach((name, content) -> entries.put(name.replace('/', '\\'), content));
    entries.put(".\\dataset.json", bytes(LABELS));
    ImageDataset windows = ZipDataset.read(zip("windows.zip", entries));
    assertThat(IntStream.range(0, 3).map(windows::label)).containsExactly(2, 0, 1);

    entries.clear();
    goodEntries().forEach((name, content) -> entries.put("./" + name, content));
    entries.put("./dataset.json", bytes(LABELS));
    Path dotted = zip("dotted.zip", entries);
    assertThat(ZipDataset.read(dotted).fingerprint()).isEqualTo(windows.fingerprint());
    try (PictureSource pictures = Datasets.openPictures(dotted.toString())) {
      assertThat(pictures.count()).isEqualTo(3);
      assertThat(pictures.label(0)).isEqualTo(2);
      assertThat(pictures.read(2).height()).isEqualTo(4);
      assertThat(pictures.isGrey(0)).isTrue();
    }
  }

  @Test
  void shouldRefuseNamesThatLeadOutOfTheArchiveOrAreThereTwice() throws IOException {
    assertRefused("a/../0.png", bytes("x"), "'..' in its name");
    Map<String, byte[]> entries = new LinkedHashMap<>(goodEntries());
    entries.put("./a/0.png", bytes("x"));
    assertUserException(zip("set.zip", entries), "a/0.png", "is there twice");
    Path file = zip("set.zip", goodEntries());
    byte[] twice = Files.readAllBytes(file);
    // Both headers of an entry hold its name: no writer makes such an archive by itself.
    for (int i = 0; i < twice.length - 7; i++) {
      if (new String(twice, i, 7, StandardCharsets.UTF_8).equals("a/1.png")) {
        twice[i + 2] = '0';
      }
    }
    Files.write(file, twice);
    assertUserException(file, "a/0.png", "is there twice");
  }

  @Test
  void shouldRefuseAPartOfASingleFile() throws IOException {
    Path images = folder.resolve("train-images-idx3-ubyte");
    writeIdx(images, images(2), false);
    assertThatThrownBy(() -> Datasets.open(images + "#t10k"))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(images.toString(), "has no parts such as #t10k");
    Path batch = Files.write(folder.resolve("test_batch.bin"), new byte[3073]);
    assertThatThrownBy(() -> Datasets.open(batch + "#test"))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll(batch.toString(), "has no parts such as #test");
  }

  @Test
  void shouldTellTheKindByTheNameOfTheFileAlone() throws IOException {
    Path inside = Files.createDirectories(folder.resolve("idx3-sets"));
    Path batch = Files.write(inside.resolve("test_batch.bin"), new byte[3073]);
    assertThat(Datasets.open(batch.toString()).shape()).isEqualTo(new ImageShape(3, 32, 32));
    Path other = Files.writeString(inside.resolve("set.tar"), "x");
    assertThatThrownBy(() -> Datasets.open(other.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("is not a kind of data set known here");
  }

  @Test
  void shouldRefuseEntriesThatAreNoImages() throws IOException {
    assertRefused("README.txt", bytes("hello"), "is no picture");
    assertRefused("b/photo.jpg", bytes("hello"), "data convert");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"labels\":null}", "{\"other\":[1,{\"labels\":2}]}", "{}"})
  void shouldTreatAbsentLabelsAsNone(String json) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(goodEntries());
    entries.put("dataset.json", bytes(json));
    assertThat(ZipDataset.read(zip("set.zip", entries)).classes()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"labels\":[[\"a/0.png\",2],[\"a/1.png\",0]]} | has no label for b/0.npy",
        "{\"labels\":[[\"a/0.png\",2],[\"a/1.png\",0],[\"b/0.npy\",1],[\"c.png\",1]]} | c.png,"
            + " which is not there",
        "{\"labels\":[[\"a/0.png\",2],[\"./a/0.png\",1]]} | a/0.png has the labels 2 and 1",
        "{\"labels\":[[\"a/0.png\",-1]]} | the label -1 of a/0.png",
        "{\"labels\":[[\"a/0.png\",2000000000]]} | the label 2000000000",
        "{\"labels\":[[\"a/0.png\",[0.5,1]]]} | not one whole number",
        "{\"labels\":[[\"a/0.png\",1.5]]} | not one whole number",
        "{\"labels\":[[\"a/0.png\",99999999999999999999]]} | not JSON",
        "{\"labels\":[[7,7]]} | line 1",
        "{\"labels\":{\"a/0.png\":2}} | line 1",
        "{\"labels\":[[\"a/0.png\",2 | not JSON",
        "[] | line 1",
      })
  void shouldNameFileAndEntryWhenLabelsAreWrong(String json, String complaint) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(goodEntries());
    entries.put("dataset.json", bytes(json));
    assertUserException(zip("set.zip", entries), "dataset.json", complaint);
  }

  @Test
  void shouldNameFileAndEntryWhenAnImageIsUnusable() throws IOException {
    assertRefused("b/0.npy", npy(Tensor.of(new byte[30], 1, 5, 6)), "all must have one size");
    assertRefused("b/0.npy", npy(Tensor.of(new byte[60], 3, 4, 5)), "all must have one size");
    assertRefused("b/0.npy", npy(Tensor.of(new float[20], 1, 4, 5)), "latents are no pictures");
    assertRefused("b/0.npy", npy(Tensor.of(new byte[20], 4, 5)), "shape [4, 5]");
    assertRefused("b/0.npy", npy(Tensor.of(new byte[40], 2, 4, 5)), "1 or 3 channels");
    assertRefused("b/0.npy", bytes("nonsense"), "not a usable .npy");
    assertRefused("a/1.png", bytes("nonsense"), "not a usable PNG");
    assertRefused("c.jpg", bytes("jpeg"), "only .png and .npy");
  }

  @Test
  void shouldRefuseAZipWithoutImages() throws IOException {
    assertUserException(zip("set.zip", Map.of("dataset.json", bytes("{}"))), "holds no images");
  }

  @Test
  void shouldRefuseEveryTruncationOfAZip() throws IOException {
    byte[] whole = Files.readAllBytes(zip("set.zip", goodEntries()));
    for (int length = 0; length < whole.length; length += 3) {
      Path cut = Files.write(folder.resolve("cut.zip"), Arrays.copyOf(whole, length));
      assertUserException(cut, "ZIP");
    }
  }

  @Test
  void shouldNoticeChangedPixelsOfAnUncompressedEntry() throws IOException {
    ImageDataset set = new MemoryDataset(SHAPE, images(1), new int[0]);
    Path file = folder.resolve("set.zip");
    ZipDatasetWriter.write(set, new int[] {0}, file);
    byte[] bytes = Files.readAllBytes(file);
    bytes[30 + "00000/img00000000.png".length() + 50] ^= 1;
    Files.write(file, bytes);
    assertUserException(file, "img00000000.png");
  }

  /** A .npy has no checksum of its own, so only the archive's can tell. */
  @Test
  void shouldNoticeAChangedByteOfAnUncompressedArray() throws IOException {
    Path file = folder.resolve("set.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      ZipEntries.store(zip, "0.npy", npy(Tensor.of(images(1).get(0), 1, 4, 5)));
    }
    assertThat(ZipDataset.read(file).count()).isEqualTo(1);
    byte[] bytes = Files.readAllBytes(file);
    bytes[30 + "0.npy".length() + 128 + 7] ^= 1;
    Files.write(file, bytes);
    assertUserException(file, "0.npy", "checksum");
  }

  @Test
  void shouldReadIdxImagesWithoutLabels() throws IOException {
    writeIdx(folder.resolve("train-images-idx3-ubyte"), images(2), false);
    assertThat(Datasets.open(folder.resolve("train-images-idx3-ubyte").toString()).classes())
        .isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "train-images-idx3-ubyte, train-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte",
    "TRAIN-IMAGES-IDX3-UBYTE, TRAIN-LABELS-IDX1-UBYTE",
    "TRAIN-IMAGES-IDX3-UBYTE.GZ, train-labels-idx1-ubyte",
    "train-images.idx3-ubyte, Train-Labels.idx1-ubyte.gz"
  })
  void shouldFindIdxLabelsWhateverTheirEnding(String images, String labels) throws IOException {
    writeIdx(folder.resolve(images), images(2), images.toLowerCase(Locale.ROOT).endsWith("gz"));
    writeIdxLabels(folder.resolve(labels), new int[] {1, 0}, labels.endsWith("gz"));
    ImageDataset read = Datasets.open(folder.resolve(images).toString());
    assertThat(IntStream.range(0, 2).map(read::label)).containsExactly(1, 0);
  }

  @Test
  void shouldPreferIdxLabelsOfTheSameEnding() throws IOException {
    Path images = folder.resolve("train-images-idx3-ubyte");
    writeIdx(images, images(2), false);
    writeIdxLabels(folder.resolve("train-labels-idx1-ubyte.gz"), new int[] {1, 1}, true);
    writeIdxLabels(folder.resolve("train-labels-idx1-ubyte"), new int[] {0, 1}, false);
    assertThat(Datasets.open(images.toString()).label(0)).isZero();
  }

  @Test
  void shouldRefuseDamagedIdxFiles() throws IOException {
    Path images = folder.resolve("train-images-idx3-ubyte");
    Path labels = folder.resolve("train-labels-idx1-ubyte");
    writeIdx(images, images(3), false);
    byte[] whole = Files.readAllBytes(images);
    for (int length = 0; length < whole.length; length++) {
      Files.write(images, Arrays.copyOf(whole, length));
      assertUserException(images, "IDX");
    }
    Files.write(images, Arrays.copyOf(whole, whole.length + 1));
    assertUserException(images, "goes on");
    byte[] lying = whole.clone();
    lying[4] = 0x7F;
    Files.write(images, lying);
    assertUserException(images, "ends in number 3");
    lying = whole.clone();
    lying[8] = 0x7F;
    Files.write(images, lying);
    assertUserException(images, "claims");
    lying = whole.clone();
    lying[3] = 1;
    Files.write(images, lying);
    assertUserException(images, "0x00000803");

    writeIdx(images, images(3), true);
    byte[] compressed = Files.readAllBytes(images);
    Files.write(images, Arrays.copyOf(compressed, compressed.length - 12));
    assertUserException(images, "IDX");
    compressed[compressed.length - 20] ^= 0x55;
    Files.write(images, compressed);
    assertUserException(images, "IDX");

    Files.write(images, whole);
    writeIdxLabels(labels, new int[] {1, 2}, false);
    assertThatThrownBy(() -> Datasets.open(images.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(labels.toString())
        .hasMessageContaining("2 labels for 3 images");
  }

  @Test
  void shouldSayWhatIsSupported() throws IOException {
    Path other = Files.writeString(folder.resolve("set.tar"), "x");
    for (String location :
        List.of("builtin:none", folder.resolve("none.zip").toString(), other.toString(), "\0")) {
      assertThatThrownBy(() -> Datasets.open(location)).isInstanceOf(UserException.class);
    }
    assertThatThrownBy(() -> Datasets.open("builtin:none"))
        .hasMessageContaining("'none'")
        .hasMessageContaining("fashion-mnist-train-10k");
    assertThatThrownBy(() -> Datasets.open(other.toString())).hasMessageContaining(".zip");
    assertThatThrownBy(() -> Datasets.open(folder.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining("is no picture");
    Files.delete(other);
    assertThatThrownBy(() -> Datasets.open(folder.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContainingAll("pictures", "IDX", "CIFAR-10");
  }

  private void assertRefused(String entry, byte[] content, String complaint) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>(goodEntries());
    entries.put(entry, content);
    assertUserException(zip("set.zip", entries), entry, complaint);
  }

  private static void assertUserException(Path file, String... parts) {
    assertThatThrownBy(() -> Datasets.open(file.toString()))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
  }

  private static List<byte[]> images(int count) {
    Random random = new Random(count);
    List<byte[]> images = IntStream.range(0, count).mapToObj(i -> new byte[SHAPE.size()]).toList();
    images.forEach(random::nextBytes);
    return images;
  }

  private static Map<String, byte[]> goodEntries() throws IOException {
    List<byte[]> images = images(3);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("b/0.npy", npy(Tensor.of(images.get(2), 1, 4, 5)));
    entries.put("a/1.png", Png.encode(new Png.Pixels(1, 4, 5, images.get(1))));
    entries.put("a/0.png", Png.encode(new Png.Pixels(1, 4, 5, images.get(0))));
    return entries;
  }

  private static byte[] npy(Tensor tensor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, tensor);
    return out.toByteArray();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Path zip(String name, Map<String, byte[]> entries) throws IOException {
    Path file = folder.resolve(name);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue());
        zip.closeEntry();
      }
    }
    return file;
  }

  private static void writeIdx(Path file, List<byte[]> images, boolean gzip) throws IOException {
    try (DataOutputStream out = idxStream(file, gzip)) {
      out.writeInt(0x803);
      out.writeInt(images.size());
      out.writeInt(SHAPE.height());
      out.writeInt(SHAPE.width());
      for (byte[] image : images) {
        out.write(image);
      }
    }
  }

  private static void writeIdxLabels(Path file, int[] labels, boolean gzip) throws IOException {
    try (DataOutputStream out = idxStream(file, gzip)) {
      out.writeInt(0x801);
      out.writeInt(labels.length);
      for (int label : labels) {
        out.writeByte(label);
      }
    }
  }

  private static DataOutputStream idxStream(Path file, boolean gzip) throws IOException {
    return new DataOutputStream(
        gzip ? new GZIPOutputStream(Files.newOutputStream(file)) : Files.newOutputStream(file));
  }
}
