package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Property(tries = 50)
  void shouldReadBackWhatItWrote(
      @ForAll @Size(max = 40) float[] floats,
      @ForAll @Size(max = 40) double[] doubles,
      @ForAll @Size(max = 40) byte[] bytes,
      @ForAll @Size(max = 40) long[] longs,
      @ForAll @StringLength(max = 20) String name,
      @ForAll Map<@StringLength(max = 5) String, @StringLength(max = 20) String> metadata)
      throws IOException {
    Path file = Files.createTempFile("tensors", ".safetensors");
    try {
      String valid = wellFormed(name);
      Map<String, String> validMetadata = new LinkedHashMap<>();
      metadata.forEach((key, value) -> validMetadata.put(wellFormed(key), wellFormed(value)));
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("bytes", Tensor.of(bytes, bytes.length));
      tensors.put("n:" + valid, Tensor.of(floats, 1, floats.length));
      tensors.put("doubles", Tensor.of(doubles, doubles.length, 1));
      tensors.put("longs", Tensor.of(longs, longs.length));
      Safetensors.write(file, tensors, validMetadata);
      try (Safetensors read = Safetensors.open(file)) {
        assertThat(read.metadata()).isEqualTo(validMetadata);
        assertThat(read.names()).containsExactlyInAnyOrderElementsOf(tensors.keySet());
        assertThat(read.floats("n:" + valid)).isEqualTo(floats);
        assertThat(read.shape("n:" + valid)).containsExactly(1, floats.length);
        assertThat(read.doubles("doubles")).isEqualTo(doubles);
        assertThat(read.longs("longs")).isEqualTo(longs);
        for (int i = 0; i < bytes.length; i++) {
          assertThat(read.floats("bytes")[i]).isEqualTo(bytes[i] & 0xFF);
        }
      }
    } finally {
      Files.delete(file);
    }
  }

  @Property(tries = 30)
  void shouldReadBackMoreThanOneChunk(@ForAll @IntRange(min = 262_000, max = 263_000) int length)
      throws IOException {
    Path file = Files.createTempFile("tensors", ".safetensors");
    try {
      float[] values = new float[length];
      for (int i = 0; i < length; i++) {
        values[i] = i;
      }
      Safetensors.write(file, Map.of("part", Tensor.slice(values, 3, length - 3)), Map.of());
      try (Safetensors read = Safetensors.open(file)) {
        assertThat(read.floats("part")).isEqualTo(Arrays.copyOfRange(values, 3, length));
        assertThat(read.doubles("part")[length - 4]).isEqualTo(length - 1);
      }
    } finally {
      Files.delete(file);
    }
  }

  @Test
  void shouldAlignEveryTensor() throws IOException {
    Path file = folder.resolve("aligned.safetensors");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("b", Tensor.of(new byte[3], 3));
    tensors.put("f", Tensor.of(new float[3], 3));
    tensors.put("d", Tensor.of(new double[] {42}));
    Safetensors.write(file, tensors, Map.of());
    byte[] bytes = Files.readAllBytes(file);
    int data = 8 + (int) littleEndian(bytes).getLong(0);
    assertThat(data % 8).isZero();
    assertThat(littleEndian(bytes).getDouble(data)).isEqualTo(42);
  }

  @Test
  void shouldReadHalfPrecision() throws IOException {
    // 1.5, -2, the smallest subnormal 2^-24, the largest 65504, infinity; bfloat16 1.5, -2.
    short[] bits = {0x3E00, (short) 0xC000, 1, 0x7BFF, 0x7C00, 0x3FC0, (short) 0xC000};
    ByteBuffer data = ByteBuffer.allocate(14).order(ByteOrder.LITTLE_ENDIAN);
    data.asShortBuffer().put(bits);
    Path file =
        file(
            """
            {"h":{"dtype":"F16","shape":[5],"data_offsets":[0,10]},\
            "b":{"dtype":"BF16","shape":[2],"data_offsets":[10,14]}}""",
            data.array());
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.floats("h"))
          .containsExactly(1.5f, -2f, 0x1p-24f, 65504f, Float.POSITIVE_INFINITY);
      assertThat(read.doubles("b")).containsExactly(1.5, -2);
    }
  }

  @Test
  void shouldNameTheMissingTensor() throws IOException {
    Path file = file("{}", new byte[0]);
    try (Safetensors read = Safetensors.open(file)) {
      assertThatThrownBy(() -> read.floats("model.weight"))
          .isInstanceOf(UserException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("'model.weight'");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,8]}} | needs 16 bytes",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,2],\"data_offsets\":[0,8]}}"
            + " | impossible shape",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | whole numbers",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}} | whole numbers",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} | lies at bytes",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | lies at bytes",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | need 4 bytes",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | needs 8 bytes",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | two data_offsets",
        "{\"evil\":{\"dtype\":\"X9\",\"shape\":[2],\"data_offsets\":[0,8]}} | unknown type",
        "{\"evil\":{\"shape\":[2],\"data_offsets\":[0,8]}} | unknown type",
        "{\"evil\":7} | unknown type",
        "{\"evil\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"evil\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | evil",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"evil\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | lies at bytes",
        "{\"__metadata__\":{\"evil\":1}} | not a string",
        "{\"__metadata__\":\"evil\"} | not a JSON object",
        "[\"evil\"] | not a JSON object",
        "{\"evil\": | not JSON",
      })
  void shouldNameFileAndTensorWhenTheHeaderLies(String header, String complaint)
      throws IOException {
    Path file = file(header, new byte[8]);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(complaint);
    if (complaint.startsWith("lies") || complaint.startsWith("needs")) {
      assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("'evil'");
    }
  }

  @Test
  void shouldRefuseEveryTruncation() throws IOException {
    Path whole = folder.resolve("whole.safetensors");
    Safetensors.write(whole, Map.of("a", Tensor.of(new float[] {1, 2, 3}, 3)), Map.of("k", "v"));
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < bytes.length; length++) {
      Path cut = folder.resolve("cut.safetensors");
      Files.write(cut, Arrays.copyOf(bytes, length));
      assertThatThrownBy(() -> Safetensors.open(cut))
          .as("cut to %d bytes", length)
          .isInstanceOf(UserException.class);
    }
  }

  @Test
  void shouldRefuseAHeaderLengthBeyondTheFile() throws IOException {
    for (long length : new long[] {Long.MAX_VALUE, -1, 1L << 40, 9, 0}) {
      Path file = folder.resolve("length.safetensors");
      byte[] bytes = new byte[16];
      littleEndian(bytes).putLong(0, length);
      Files.write(file, bytes);
      assertThatThrownBy(() -> Safetensors.open(file))
          .isInstanceOf(UserException.class)
          .hasMessageContaining("header claims");
    }
  }

  @Test
  void shouldSayThatAFileDoesNotExist() {
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("none.safetensors")))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("there is no such file");
  }

  private Path file(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json).put(data);
    return Files.write(folder.resolve("file.safetensors"), bytes.array());
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** JSON and UTF-8 know no lone surrogates. */
  private static String wellFormed(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }
}
