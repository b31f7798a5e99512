package org.fewstep.model.io.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchFileTest {
  @TempDir private Path folder;

  @Test
  void shouldReadStateDictsOfBothFormats() throws IOException {
    Map<String, TorchFiles.Values> tensors = tensors();
    for (byte[] content :
        new byte[][] {TorchFiles.stateDict(tensors), TorchFiles.legacyStateDict(tensors)}) {
      try (TorchFile file = TorchFile.open(write(content))) {
        assertThat(file.tensors().keySet()).containsExactly("conv.weight", "conv.bias", "n");
        TorchTensor weight = file.tensors().get("conv.weight");
        assertThat(weight.shape()).containsExactly(2, 1, 3);
        assertThat(file.floats(weight)).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(file.floats(file.tensors().get("conv.bias"))).containsExactly(-1, 1e-7f);
        assertThat(file.floats(file.tensors().get("n"))).containsExactly(7);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x8080, 0xff80, 0x0280, 'P' | 'K' << 8})
  void shouldNotTakeSafetensorsForPicklesByTheLengthOfTheirHeaders(int length) throws IOException {
    byte[] header = Arrays.copyOf("{}".getBytes(StandardCharsets.US_ASCII), length);
    Arrays.fill(header, 2, length, (byte) ' ');
    Path file = write(new PickleWriter().int64(length).bytes(header).unfinished());
    assertThat(TorchFile.recognises(file)).isFalse();
    try (Safetensors opened = Safetensors.open(file)) {
      assertThat(opened.names()).isEmpty();
    }
  }

  @Test
  void shouldRecogniseItsOwnKindsAlone() throws IOException {
    assertThat(TorchFile.recognises(write(TorchFiles.stateDict(tensors())))).isTrue();
    assertThat(TorchFile.recognises(write(TorchFiles.legacyStateDict(tensors())))).isTrue();
    for (int protocol : new int[] {6, 0x80, 0xff}) {
      assertThat(TorchFile.recognises(write(new byte[] {(byte) 0x80, (byte) protocol, 'N', '.'})))
          .isFalse();
    }
  }

  @Test
  void shouldReadAnOfficialPickleInPieces() {
    Path pickle = Path.of("src/test/resources/golden/unet_small.pkl");
    try (TorchFile whole = TorchFile.openModules(pickle);
        TorchFile pieces = TorchFile.openModules(pickle, 1000)) {
      assertThat(pieces.tensors()).hasSameSizeAs(whole.tensors());
      whole
          .tensors()
          .forEach(
              (name, tensor) ->
                  assertThat(pieces.floats(pieces.tensors().get(name)))
                      .as(name)
                      .isEqualTo(whole.floats(tensor)));
    }
  }

  @Test
  void shouldReadAPickleOfMoreThanTwoGibibytes() throws IOException {
    long length = 1L << 30;
    Path file = folder.resolve("large.pkl");
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      out.write(ByteBuffer.wrap(new byte[] {(byte) 0x80, 4, '('}));
      for (int i = 0; i < 3; i++) {
        ByteBuffer claim = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
        out.write(claim.put((byte) 0x8e).putLong(length).flip());
        out.position(out.position() + length);
      }
      out.write(ByteBuffer.wrap(new byte[] {(byte) 0x8c, 3, 'e', 'n', 'd', 't', '.'}));
    }

    try (TorchFile large = TorchFile.openModules(file)) {
      assertThat(((PyTuple) large.root()).items()).hasSize(4).endsWith("end");
    }
  }

  @Test
  void shouldReadPartsAndTransposesOfAStorage() throws IOException {
    byte[] pickle =
        PickleWriter.protocol2()
            .raw('}')
            .mark()
            .text("transposed")
            .tensor("FloatStorage", "0", 4, 0, new long[] {2, 2}, new long[] {1, 2})
            .text("last")
            .tensor("FloatStorage", "0", 4, 3, new long[] {1}, new long[] {1})
            .raw('u')
            .stop();
    try (TorchFile file = TorchFile.open(write(TorchFiles.zipOf(pickle)))) {
      assertThat(file.floats(file.tensors().get("transposed"))).containsExactly(1, 3, 2, 4);
      assertThat(file.floats(file.tensors().get("last"))).containsExactly(4);
    }
  }

  @Test
  void shouldWalkThroughTheModulesOfTorchScript() throws IOException {
    byte[] pickle =
        PickleWriter.protocol2()
            .global("__torch__.nets", "Inception")
            .raw(')', 0x81, '}')
            .mark()
            .text("training")
            .raw(0x89)
            .text("layers")
            .global("__torch__.nets", "Layers")
            .raw(')', 0x81, '}')
            .mark()
            .text("weight")
            .tensor("FloatStorage", "0", 4, 4)
            .raw('u', 'b', 'u', 'b')
            .stop();
    try (TorchFile file = TorchFile.open(write(TorchFiles.zipOf(pickle)))) {
      assertThat(file.tensors()).containsOnlyKeys("layers.weight");
    }
  }

  static Stream<Arguments> hostile() {
    PickleWriter deepMaps = PickleWriter.protocol2().raw('}');
    for (int i = 0; i < 100; i++) {
      deepMaps.text("a").raw('}');
    }
    for (int i = 0; i < 100; i++) {
      deepMaps.raw('s');
    }
    // Each of 25 levels holds the one below twice: 2^25 paths through 25 objects.
    PickleWriter laughs = PickleWriter.protocol2().raw('}', 'q', 0, '0');
    for (int level = 1; level <= 25; level++) {
      laughs.raw('}').mark();
      laughs.text("a").raw('h', level - 1).text("b").raw('h', level - 1);
      laughs.raw('u', 'q', level, '0');
    }
    laughs.raw('h', 25);
    int[] many = new int[60_000];
    Arrays.fill(many, '}');
    int[] puts = new int[60_000];
    Arrays.fill(puts, 0x94);
    PickleWriter pairs = PickleWriter.protocol2().global("collections", "OrderedDict");
    pairs.raw('q', 0, ']').mark();
    for (int i = 0; i < 1000; i++) {
      pairs.text("k" + i).raw('N', 0x86);
    }
    pairs.raw('e', 'q', 1);
    for (int i = 0; i < 100; i++) {
      pairs.raw('h', 0, 'h', 1, 0x85, 'R');
    }
    PickleWriter selfKey = PickleWriter.protocol2().raw('}', ']', 'N', 's');
    return Stream.of(
        Arguments.of("os.system", call("os", "system", "touch /tmp/x"), "asks for os.system"),
        Arguments.of("posix.system", call("posix", "system", "ls"), "asks for posix.system"),
        Arguments.of("eval", call("builtins", "eval", "1"), "asks for builtins.eval"),
        Arguments.of("exec", call("__builtin__", "exec", "1"), "asks for __builtin__.exec"),
        Arguments.of("getattr", call("builtins", "getattr", "x"), "asks for builtins.getattr"),
        Arguments.of("Popen", call("subprocess", "Popen", "x"), "asks for subprocess.Popen"),
        Arguments.of("import", call("importlib", "import_module", "x"), "importlib.import_module"),
        Arguments.of(
            "nested torch.load",
            call("torch.storage", "_load_from_bytes", "x"),
            "_load_from_bytes"),
        Arguments.of(
            "dotted name",
            PickleWriter.protocol2()
                .text("collections")
                .text("OrderedDict.fromkeys")
                .raw(0x93)
                .stop(),
            "collections.OrderedDict.fromkeys"),
        Arguments.of(
            "foreign class",
            PickleWriter.protocol2().global("models.resnet", "ResNet").raw(')', 0x81).stop(),
            "asks for models.resnet.ResNet"),
        Arguments.of(
            "instance of a foreign class",
            PickleWriter.protocol2().mark().ascii("iwebbrowser\nopen\n").stop(),
            "asks for webbrowser.open"),
        Arguments.of(
            "name that hides itself",
            PickleWriter.protocol2().raw('c', 0x1b, '[', '2', 'J', '\n', 'x', '\n').stop(),
            "asks for ?[2J.x"),
        Arguments.of(
            "extension registry", PickleWriter.protocol2().raw(0x82, 1).stop(), "extension"),
        Arguments.of("nested dictionaries", deepMaps.stop(), "nested beyond reason"),
        Arguments.of("exponential dictionaries", laughs.stop(), "nested beyond reason"),
        Arguments.of(
            "many values", PickleWriter.protocol2().raw(many).stop(), "too many for its size"),
        Arguments.of(
            "many marks",
            PickleWriter.protocol2().ascii("(".repeat(60_000)).stop(),
            "too many marks"),
        Arguments.of(
            "many values put away",
            PickleWriter.protocol2().raw('N').raw(puts).stop(),
            "puts away more than"),
        Arguments.of("pairs that are copied often", pairs.stop(), "hands around more"),
        Arguments.of(
            "long name of a class",
            PickleWriter.protocol2().text("__torch__").text("a".repeat(2000)).raw(0x93).stop(),
            "more than 1024 characters"),
        Arguments.of(
            "long name of a tensor",
            PickleWriter.protocol2().raw('}').text("a".repeat(2000)).raw('N', 's').stop(),
            "nested beyond reason"),
        Arguments.of("list as a key", selfKey.stop(), "neither text nor a number"),
        Arguments.of(
            "text that lies about its length",
            PickleWriter.protocol2().raw('X').int32(Integer.MAX_VALUE).ascii("abc").stop(),
            "claims 2147483647 bytes"),
        Arguments.of(
            "bytes that lie about their length",
            PickleWriter.protocol2().raw(0x8e).int64(-2).stop(),
            "claims 18446744073709551614 bytes"),
        Arguments.of(
            "frame that lies about its length",
            PickleWriter.protocol2().raw(0x95).int64(1L << 40).raw('N').stop(),
            "claims 1099511627776 bytes"),
        Arguments.of(
            "huge integer",
            PickleWriter.protocol2().raw(0x8a, 200).bytes(new byte[200]).stop(),
            "integer of 200 bytes"),
        Arguments.of(
            "huge decimal",
            PickleWriter.protocol2().ascii("L" + "9".repeat(500) + "L\n").stop(),
            "integer of 500 digits"),
        Arguments.of(
            "endless line",
            PickleWriter.protocol2().ascii("c" + "a".repeat(5000) + "\nb\n").stop(),
            "line of more than 1024"),
        Arguments.of("no end", PickleWriter.protocol2().raw('}').unfinished(), "ends too early"),
        Arguments.of("empty", new byte[0], "ends too early"),
        Arguments.of("empty stack", PickleWriter.protocol2().raw('0').stop(), "empty stack"),
        Arguments.of("lost mark", PickleWriter.protocol2().raw('t').stop(), "never set"),
        Arguments.of("lost memo", PickleWriter.protocol2().raw('h', 9).stop(), "never put away"),
        Arguments.of("left over", PickleWriter.protocol2().raw('N', 'N').stop(), "left over"),
        Arguments.of("unknown instruction", PickleWriter.protocol2().raw(0xff).stop(), "0xff"),
        Arguments.of("unknown protocol", new byte[] {(byte) 0x80, 9, 'N', '.'}, "protocol is 9"),
        Arguments.of(
            "call of a text",
            PickleWriter.protocol2().text("print").raw(')', 'R').stop(),
            "calls what is no function"),
        Arguments.of(
            "tensor beyond its storage",
            PickleWriter.protocol2().tensor("FloatStorage", "0", 4, 5).stop(),
            "reaches beyond the 4 elements"),
        Arguments.of(
            "tensor of negative shape",
            PickleWriter.protocol2().tensor("FloatStorage", "0", 4, -1, 4).stop(),
            "shape [-1, 4]"),
        Arguments.of(
            "tensor whose size overflows",
            PickleWriter.protocol2().tensor("FloatStorage", "0", 4, 1L << 40, 1L << 40).stop(),
            "impossible shape"),
        Arguments.of(
            "tensor that repeats one element",
            PickleWriter.protocol2()
                .tensor("FloatStorage", "0", 4, 0, new long[] {1 << 30}, new long[] {0})
                .stop(),
            "reaches beyond"),
        Arguments.of(
            "storage in two ways",
            PickleWriter.protocol2()
                .mark()
                .tensor("FloatStorage", "0", 4, 4)
                .tensor("DoubleStorage", "0", 4, 4)
                .tuple()
                .stop(),
            "in two ways"),
        Arguments.of(
            "storage of an unknown kind",
            PickleWriter.protocol2().tensor("ComplexFloatStorage", "0", 4, 4).stop(),
            "asks for torch.ComplexFloatStorage"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void shouldRefuseInOneSentence(String kind, byte[] pickle, String reason) throws IOException {
    Path file = write(TorchFiles.zipOf(pickle));
    assertThatThrownBy(
            () -> {
              try (TorchFile opened = TorchFile.open(file)) {
                opened.tensors();
              }
            })
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason)
        .hasMessageNotContaining("\n")
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(400));
  }

  @Test
  void shouldSurviveListsInLists() throws IOException {
    PickleWriter nested = PickleWriter.protocol2();
    for (int i = 0; i < 40_000; i++) {
      nested.raw(']');
    }
    for (int i = 0; i < 39_999; i++) {
      nested.raw('a');
    }
    try (TorchFile file = TorchFile.open(write(TorchFiles.zipOf(nested.stop())))) {
      assertThat(file.tensors()).isEmpty();
    }
  }

  @Test
  void shouldRefuseArchivesThatAreNotPyTorchs() throws IOException {
    byte[] whole = TorchFiles.stateDict(tensors());
    refuses(Arrays.copyOf(whole, whole.length / 2), "not a whole ZIP file");
    refuses(TorchFiles.zip(Map.of("picture.png", new byte[3])), "no entry data.pkl");
    Map<String, byte[]> two = new LinkedHashMap<>();
    two.put("a/data.pkl", PickleWriter.protocol2().raw('N').stop());
    two.put("b/data.pkl", PickleWriter.protocol2().raw('N').stop());
    refuses(TorchFiles.zip(two), "more than one entry data.pkl");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      zip.write(new byte[10_000_000]);
      zip.closeEntry();
    }
    refuses(out.toByteArray(), "is compressed");
  }

  @Test
  void shouldRefuseAnEntryWhoseCommentIsNoText() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      ZipEntry entry = new ZipEntry("a/data.pkl");
      entry.setComment("a comment");
      zip.putNextEntry(entry);
    }
    String bytes = out.toString(StandardCharsets.ISO_8859_1).replace("a comment", "a \u00ffomment");
    refuses(bytes.getBytes(StandardCharsets.ISO_8859_1), "not a whole ZIP file");
  }

  @Test
  void shouldSayWhichStorageIsMissingOrShort() throws IOException {
    byte[] missing =
        TorchFiles.zipOf(PickleWriter.protocol2().tensor("FloatStorage", "7", 4, 4).stop());
    byte[] small =
        TorchFiles.zipOf(PickleWriter.protocol2().tensor("DoubleStorage", "0", 4, 4).stop());
    for (Map.Entry<byte[], String> kind :
        Map.of(missing, "lacks the entry archive/data/7", small, "16 bytes for 4 elements")
            .entrySet()) {
      try (TorchFile file = TorchFile.open(write(kind.getKey()))) {
        assertThatThrownBy(() -> file.floats((TorchTensor) file.root()))
            .isInstanceOf(UserException.class)
            .hasMessageContaining(kind.getValue());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1099511627776, claims a storage 0 of more than 2 GiB",
    "2147483647, claims a storage 0 of more than 2 GiB",
    "536870911, 16 bytes for 536870911 elements"
  })
  void shouldRefuseStoragesThatTheFileDoesNotHoldBeforeMakingRoomForThem(long count, String reason)
      throws IOException {
    for (long[] strides : new long[][] {{1, 2}, {2, 1}}) {
      long[] shape = strides[0] == 1 ? new long[] {2, 2} : new long[] {count / 2, 2};
      byte[] pickle =
          PickleWriter.protocol2().tensor("FloatStorage", "0", count, 0, shape, strides).stop();
      try (TorchFile file = TorchFile.open(write(TorchFiles.zipOf(pickle)))) {
        assertThatThrownBy(() -> file.floats((TorchTensor) file.root()))
            .isInstanceOf(UserException.class)
            .hasMessageContaining(reason);
      }
    }
  }

  @Test
  void shouldRefuseOldFilesThatLie() throws IOException {
    byte[] whole = TorchFiles.legacyStateDict(tensors());
    refuses(Arrays.copyOf(whole, whole.length - 3), "ends too early");
    refuses(PickleWriter.protocol2().raw('N').stop(), "magic number is missing");
    ByteArrayOutputStream lying = new ByteArrayOutputStream();
    lying.writeBytes(TorchFiles.legacyHead());
    lying.writeBytes(
        PickleWriter.protocol2().tensor("FloatStorage", "0", Integer.MAX_VALUE, 4).stop());
    lying.writeBytes(PickleWriter.protocol2().raw(']').text("0").raw('a').stop());
    lying.writeBytes(new PickleWriter().int64(Integer.MAX_VALUE).unfinished());
    refuses(lying.toByteArray(), "lies about the size of storage 0");
  }

  @Test
  void shouldReadOrRefuseWhateverHappensToAFile() throws IOException {
    Map<String, TorchFiles.Values> tensors = tensors();
    byte[][] good = {TorchFiles.stateDict(tensors), TorchFiles.legacyStateDict(tensors)};
    Random random = new Random(5);
    int refused = 0;
    Path file = folder.resolve("mutant.pth");
    for (int i = 0; i < 4000; i++) {
      byte[] mutant = good[i % 2].clone();
      for (int change = random.nextInt(4); change >= 0; change--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(10) == 0) {
        mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
      }
      Files.write(file, mutant);
      try {
        TorchFile.recognises(file);
        try (TorchFile opened = TorchFile.open(file)) {
          opened.tensors().values().forEach(opened::floats);
        }
      } catch (UserException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(2000, 3999);
  }

  @Test
  void shouldReadArraysOfNumpy() {
    // numpy.core.multiarray._reconstruct, then its state (1, (2,), dtype('f8'), False, bytes).
    byte[] pickle =
        PickleWriter.protocol2()
            .global("numpy._core.multiarray", "_reconstruct")
            .mark()
            .global("numpy", "ndarray")
            .mark()
            .integer(0)
            .tuple()
            .raw('C', 1, 'b')
            .tuple()
            .raw('R')
            .mark()
            .integer(1)
            .mark()
            .integer(2)
            .tuple()
            .global("numpy", "dtype")
            .mark()
            .text("f8")
            .raw(0x89, 0x88)
            .tuple()
            .raw('R')
            .mark()
            .integer(3)
            .text("<")
            .raw('N', 'N', 'N')
            .integer(-1)
            .integer(-1)
            .integer(0)
            .tuple()
            .raw('b', 0x89, 'C', 16)
            .int64(Double.doubleToLongBits(1.5))
            .int64(Double.doubleToLongBits(-2))
            .tuple()
            .raw('b')
            .stop();
    Object array =
        PickleReader.read(
            ByteBuffer.wrap(pickle), "here", NumpyWords.VOCABULARY, PickleReader.noPersistentIds());
    assertThat(((PyArray) array).shape()).containsExactly(2);
    assertThat(((PyArray) array).doubles()).containsExactly(1.5, -2);
  }

  private void refuses(byte[] content, String reason) throws IOException {
    Path file = write(content);
    assertThatThrownBy(() -> TorchFile.open(file).close())
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(reason);
  }

  private Path write(byte[] content) throws IOException {
    return Files.write(Files.createTempFile(folder, "weights", ".pth"), content);
  }

  private static byte[] call(String module, String name, String argument) {
    return PickleWriter.protocol2()
        .global(module, name)
        .mark()
        .text(argument)
        .tuple()
        .raw('R')
        .stop();
  }

  private static Map<String, TorchFiles.Values> tensors() {
    Map<String, TorchFiles.Values> tensors = new LinkedHashMap<>();
    tensors.put("conv.weight", new TorchFiles.Values(new float[] {1, 2, 3, 4, 5, 6}, 2, 1, 3));
    tensors.put("conv.bias", new TorchFiles.Values(new float[] {-1, 1e-7f}, 2));
    tensors.put("n", new TorchFiles.Values(new float[] {7}));
    return tensors;
  }
}
