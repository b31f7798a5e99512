package org.fewstep.model.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
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
import net.jqwik.api.constraints.Size;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {
  @TempDir Path folder;

  @Property(tries = 50)
  void shouldReadBackWhatItWrote(
      @ForAll @Size(max = 30) float[] floats,
      @ForAll @Size(max = 30) double[] doubles,
      @ForAll @Size(max = 30) long[] longs,
      @ForAll @Size(max = 30) byte[] bytes)
      throws IOException {
    assertThat(roundTrip(Tensor.of(floats, floats.length)).floats()).isEqualTo(floats);
    assertThat(roundTrip(Tensor.of(doubles, 1, doubles.length)).doubles()).isEqualTo(doubles);
    assertThat(roundTrip(Tensor.of(longs, longs.length, 1)).longs()).isEqualTo(longs);
    assertThat(roundTrip(Tensor.of(bytes, bytes.length)).bytes()).isEqualTo(bytes);
    assertThat(roundTrip(Tensor.of(bytes, bytes.length, 1, 1)).shape())
        .containsExactly(bytes.length, 1, 1);
    assertThat(roundTrip(Tensor.of(new double[] {7})).shape()).isEmpty();
  }

  /** The bytes that NumPy itself writes for numpy.array([1.5, -2.0]). */
  @Test
  void shouldWriteTheBytesThatNumPyWrites() throws IOException {
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }";
    ByteBuffer expected = ByteBuffer.allocate(128 + 16).order(ByteOrder.LITTLE_ENDIAN);
    expected.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    expected.put((byte) 1).put((byte) 0).putShort((short) 118);
    expected.put(header.getBytes(StandardCharsets.US_ASCII));
    while (expected.position() < 127) {
      expected.put((byte) ' ');
    }
    expected.put((byte) '\n').putDouble(1.5).putDouble(-2.0);
    assertThat(bytes(Tensor.of(new double[] {1.5, -2}, 2))).isEqualTo(expected.array());
  }

  @Test
  void shouldReadColumnMajorAndBigEndianArrays() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(24).order(ByteOrder.BIG_ENDIAN);
    for (int value : new int[] {1, 4, 2, 5, 3, 6}) {
      data.putInt(value);
    }
    Tensor read =
        read(npy("{'descr': '>i4', 'fortran_order': True, 'shape': (2, 3), }", data.array()));
    assertThat(read.shape()).containsExactly(2, 3);
    assertThat(read.longs()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999,), } | ends too early",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3), } | too large",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), } | impossible",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,), } | not understood",
        "{'descr': '<U8', 'fortran_order': False, 'shape': (3,), } | not supported",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (3,), } | not supported",
        "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,), } | not understood",
        "nothing | not understood",
      })
  void shouldRefuseHeadersThatLie(String header, String complaint) {
    assertThatThrownBy(() -> read(npy(header, new byte[12])))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("the-source")
        .hasMessageContaining(complaint);
  }

  @Test
  void shouldRefuseEveryTruncation() throws IOException {
    byte[] whole = bytes(Tensor.of(new float[] {1, 2}, 2));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut)).isInstanceOf(UserException.class);
    }
  }

  @Test
  void shouldKeepNamedArraysInAnNpz() {
    Path file = folder.resolve("stats.npz");
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put("mu", Tensor.of(new double[] {1, 2}, 2));
    arrays.put("sigma", Tensor.of(new double[] {1, 0, 0, 1}, 2, 2));
    Npz.write(file, arrays);
    assertThat(Npz.names(file)).containsExactly("mu", "sigma");
    assertThat(Npz.readAll(file).get("mu").doubles()).containsExactly(1, 2);
    assertThat(Npz.read(file, "sigma").get("sigma").doubles()).containsExactly(1, 0, 0, 1);
    assertThatThrownBy(() -> Npz.read(file, "nu"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("'nu'")
        .hasMessageContaining("mu, sigma");
  }

  @Test
  void shouldNoticeAnyChangedByteInAnNpz() throws IOException {
    Path file = folder.resolve("stats.npz");
    Npz.write(file, Map.of("mu", Tensor.of(new double[] {1, 2, 3, 4}, 4)));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut.npz"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Npz.read(cut, "mu")).isInstanceOf(UserException.class);
    }
    // The compressed content lies between the local header (30 bytes and the name) and the rest.
    for (int i = 36; i < whole.length - 100; i++) {
      byte[] changed = whole.clone();
      changed[i] ^= 1;
      Path file2 = Files.write(folder.resolve("changed.npz"), changed);
      assertThatThrownBy(() -> Npz.read(file2, "mu"))
          .as("byte %d", i)
          .isInstanceOf(UserException.class)
          .hasMessageContaining("mu.npy");
    }
  }

  private static Tensor roundTrip(Tensor tensor) throws IOException {
    return read(bytes(tensor));
  }

  private static Tensor read(byte[] bytes) throws IOException {
    return Npy.read(new ByteArrayInputStream(bytes), "the-source");
  }

  private static byte[] bytes(Tensor tensor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, tensor);
    return out.toByteArray();
  }

  private static byte[] npy(String header, byte[] data) {
    ByteBuffer out =
        ByteBuffer.allocate(10 + header.length() + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    out.put((byte) 1).put((byte) 0).putShort((short) header.length());
    out.put(header.getBytes(StandardCharsets.US_ASCII)).put(data);
    return out.array();
  }
}
