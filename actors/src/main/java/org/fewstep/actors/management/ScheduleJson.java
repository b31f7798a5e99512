package org.fewstep.actors.management;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.fewstep.config.Choices;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.ScheduleDocument;
import org.fewstep.protocol.EvaluationSchedule;

/**
 * Evaluation schedules as JSON: what {@link ScheduleDocument} reads, with every key, in the order
 * of {@link EvaluationEntry}.
 */
public final class ScheduleJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ScheduleJson() {}

  /** The schedule as a tree. */
  public static ObjectNode tree(EvaluationSchedule schedule) {
    ObjectNode object = MAPPER.createObjectNode();
    object.put("version", schedule.version());
    object.put("paused", schedule.paused());
    ArrayNode entries = object.putArray("entries");
    schedule.entries().forEach(entry -> entries.add(tree(entry)));
    return object;
  }

  private static ObjectNode tree(EvaluationEntry entry) {
    ObjectNode object = MAPPER.createObjectNode();
    object.put("name", entry.name());
    object.put("every_images", entry.everyImages());
    object.put("every_minutes", entry.everyMinutes());
    object.set("at_images", MAPPER.valueToTree(entry.atImages()));
    object.put("at_end", entry.atEnd());
    object.set("samplers", names(entry.samplers()));
    object.set("steps", MAPPER.valueToTree(entry.steps()));
    object.set("tracks", MAPPER.valueToTree(entry.tracks()));
    object.put("samples", entry.samples());
    object.put("grid_images", entry.gridImages());
    object.set("metrics", names(entry.metrics()));
    object.put("guidance", entry.guidance());
    object.put("seed", entry.seed());
    return object;
  }

  private static ArrayNode names(List<? extends Enum<?>> constants) {
    return MAPPER.valueToTree(constants.stream().map(Choices::nameOf).toList());
  }

  /** One JSON object without a line break. */
  public static String toLine(EvaluationSchedule schedule) {
    return tree(schedule).toString();
  }

  /**
   * Reads a schedule; one that does not say its version has version 1.
   *
   * @param origin what error sentences call the text
   * @throws org.fewstep.config.UserException if it is none; one sentence names entry and key
   */
  public static EvaluationSchedule parse(String json, String origin) {
    return of(ScheduleDocument.parse(json, origin));
  }

  /** The schedule that a document describes; one that does not say its version has version 1. */
  public static EvaluationSchedule of(ScheduleDocument document) {
    return new EvaluationSchedule(
        document.version().orElse(1L), document.paused(), document.entries());
  }
}
