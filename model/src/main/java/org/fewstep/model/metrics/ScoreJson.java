package org.fewstep.model.metrics;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.fewstep.config.UserException;

/**
 * Scores as JSON, one object a line, keys in snake_case in the order of {@link Score}. Every key
 * but {@code standard_error} is always there; JSON has no NaN, so a value that is one is written as
 * null. Further keys are skipped when reading.
 */
public final class ScoreJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .addModule(
              new SimpleModule()
                  .addSerializer(Double.TYPE, new NanAsNull())
                  .addDeserializer(Double.TYPE, new NullAsNan()))
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final String STANDARD_ERROR = "standard_error";

  private ScoreJson() {}

  /** One JSON object without a line break. */
  public static String toLine(Score score) {
    try {
      return MAPPER.writeValueAsString(score);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a score did not become JSON", e);
    }
  }

  /**
   * Reads what {@link #toLine} wrote.
   *
   * @throws IllegalArgumentException when the line is no score; the message says why
   */
  public static Score fromLine(String line) {
    try {
      JsonNode node = MAPPER.readTree(line);
      if (node instanceof ObjectNode object && !object.has(STANDARD_ERROR)) {
        object.putNull(STANDARD_ERROR);
      }
      return MAPPER.treeToValue(node, Score.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  /**
   * Scores of a file with one object a line, in order; blank lines are skipped, and so is half of a
   * last line, which a process that was killed may leave.
   *
   * @throws UserException naming the file, and the line that is no score
   * @throws UncheckedIOException when the file cannot be read
   */
  public static List<Score> read(Path file) {
    String text;
    try {
      text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> lines = text.lines().toList();
    boolean cut = !text.endsWith("\n");
    List<Score> scores = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).isBlank()) {
        continue;
      }
      try {
        scores.add(fromLine(lines.get(i)));
      } catch (IllegalArgumentException e) {
        if (cut && i == lines.size() - 1) {
          break;
        }
        throw new UserException(
            "Line %d of %s is not a score (%s); mend or delete it."
                .formatted(i + 1, file, e.getMessage()),
            e);
      }
    }
    return scores;
  }

  private static final class NanAsNull extends StdScalarSerializer<Double> {
    private static final long serialVersionUID = 1;

    NanAsNull() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator generator, SerializerProvider provider)
        throws IOException {
      if (value.isNaN()) {
        generator.writeNull();
      } else {
        generator.writeNumber(value);
      }
    }
  }

  private static final class NullAsNan extends StdScalarDeserializer<Double> {
    private static final long serialVersionUID = 1;

    NullAsNan() {
      super(Double.TYPE);
    }

    @Override
    public Double deserialize(JsonParser parser, DeserializationContext context)
        throws IOException {
      return _parseDoublePrimitive(parser, context);
    }

    @Override
    public Double getNullValue(DeserializationContext context) {
      return Double.NaN;
    }
  }
}
