package org.fewstep.model.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Features with the scores that public tools give for them, from golden/metrics.safetensors. */
public final class MetricsGolden {
  private final JsonNode header;
  private final ByteBuffer data;

  private MetricsGolden(JsonNode header, ByteBuffer data) {
    this.header = header;
    this.data = data;
  }

  public static MetricsGolden load() throws IOException {
    try (InputStream in = MetricsGolden.class.getResourceAsStream("/golden/metrics.safetensors")) {
      ByteBuffer file = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] header = new byte[Math.toIntExact(file.getLong())];
      file.get(header);
      return new MetricsGolden(
          new ObjectMapper().readTree(new String(header, StandardCharsets.UTF_8)),
          file.slice().order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  public float[] floats(String name) {
    ByteBuffer bytes = bytes(name, "F32");
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  public double[] doubles(String name) {
    ByteBuffer bytes = bytes(name, "F64");
    double[] values = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(values);
    return values;
  }

  private ByteBuffer bytes(String name, String type) {
    JsonNode entry = header.path(name);
    if (!entry.path("dtype").asText().equals(type)) {
      throw new IllegalArgumentException("no " + type + " tensor " + name);
    }
    int from = entry.path("data_offsets").path(0).asInt();
    int to = entry.path("data_offsets").path(1).asInt();
    return data.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN);
  }
}
