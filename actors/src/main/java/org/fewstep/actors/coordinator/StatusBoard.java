package org.fewstep.actors.coordinator;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pekko.actor.Address;
import org.fewstep.actors.coordinator.RunHealth.TrainerPulse;
import org.fewstep.protocol.CoordinatorMessage.Join;
import org.fewstep.protocol.CoordinatorMessage.Published;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.Verdict;

/**
 * What a run shows of itself: where it stands, who takes part, the latest scores, what is wrong.
 * Belongs to the coordinator's thread; the caller brings the time.
 */
final class StatusBoard {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double SECONDS_PER_NANO = 1e-9;

  private final RunPlan plan;
  private final long epoch;
  private final Map<String, TrainerLine> trainers = new TreeMap<>();
  private final Map<String, ObjectNode> scores = new LinkedHashMap<>();
  private final Pulse updates = new Pulse();
  private double imagesPerSecond;
  private double loss = Double.NaN;
  private double learningRate = Double.NaN;
  private long publishedVersion;
  private long publishedImages;

  private static final class TrainerLine {
    final String node;
    final String device;
    final long incarnation;
    final Pulse steps = new Pulse();
    long accepted;
    long refused;
    long images;
    long lastVersion = -1;
    long staleness;

    TrainerLine(String node, String device, long incarnation, long nowNanos) {
      this.node = node;
      this.device = device;
      this.incarnation = incarnation;
      steps.begin(nowNanos);
    }
  }

  StatusBoard(RunPlan plan, long epoch, long version, long images, long nowNanos) {
    this.plan = plan;
    this.epoch = epoch;
    this.publishedVersion = version;
    this.publishedImages = images;
    updates.begin(nowNanos);
  }

  void joined(Join join, long nowNanos) {
    Address address = join.replyTo().path().address();
    String node =
        address
            .getHost()
            .map(host -> "%s:%d".formatted(host, address.getPort().orElseThrow()))
            .orElse("local");
    trainers.put(
        join.trainer(), new TrainerLine(node, join.device(), join.incarnation(), nowNanos));
  }

  void left(String trainer) {
    trainers.remove(trainer);
  }

  /** A push was judged. */
  void stepped(Staged push, Verdict verdict, long version, long nowNanos) {
    TrainerLine line = trainers.get(push.push().trainer());
    if (line == null) {
      return;
    }
    line.steps.beat(nowNanos);
    line.lastVersion = push.baseVersion();
    line.staleness = Math.max(0, version - push.baseVersion());
    if (verdict == Verdict.ACCEPTED) {
      line.accepted++;
      line.images += push.images();
    } else {
      line.refused++;
    }
  }

  void published(Published published, double speed, double newLoss, long nowNanos) {
    publishedVersion = published.version();
    publishedImages = published.images();
    imagesPerSecond = speed;
    loss = newLoss;
    learningRate = published.learningRate();
    updates.beat(nowNanos);
  }

  /** Scores came in; of equal kinds the latest stays. */
  void scored(List<String> lines) {
    for (String line : lines) {
      try {
        ObjectNode score = (ObjectNode) JSON.readTree(line);
        String kind =
            "%s %s %s %s %s"
                .formatted(
                    score.get("metric"),
                    score.get("track"),
                    score.get("sampler"),
                    score.get("steps"),
                    score.get("samples"));
        scores.put(kind, score);
      } catch (JsonProcessingException e) {
        throw new IllegalArgumentException("not a score: " + line, e);
      }
    }
  }

  /**
   * What the coordinator knows besides.
   *
   * @param phase starting, training, finishing or stopping
   * @param heldBackNanos for how long an update has been waiting for evaluations; 0 if none does
   */
  record Rest(
      String phase,
      EvaluationSchedule schedule,
      List<EvaluationQueue.View> evaluations,
      List<String> evaluators,
      long heldBackNanos) {}

  /** The whole board as one JSON object. */
  String json(Rest rest, long nowNanos) {
    ObjectNode board = JSON.createObjectNode();
    board.put("phase", rest.phase());
    board.put("epoch", epoch);
    board.put("images", publishedImages);
    board.put("total_images", plan.totalImages());
    board.put("version", publishedVersion);
    put(board, "images_per_s", imagesPerSecond);
    put(board, "loss", loss);
    put(board, "learning_rate", learningRate);
    ArrayNode list = board.putArray("trainers");
    trainers.forEach((name, line) -> list.add(tree(name, line, nowNanos)));
    ObjectNode schedule = board.putObject("schedule");
    schedule.put("version", rest.schedule().version());
    schedule.put("paused", rest.schedule().paused());
    schedule.put("entries", rest.schedule().entries().size());
    board.set("evaluators", JSON.valueToTree(rest.evaluators()));
    ArrayNode evaluations = board.putArray("evaluations");
    rest.evaluations().forEach(view -> evaluations.add(tree(view)));
    ArrayNode latest = board.putArray("scores");
    scores.values().forEach(latest::add);
    board.set("health", RunHealth.of(pulses(nowNanos), updates.at(nowNanos), rest).tree());
    return board.toString();
  }

  private List<TrainerPulse> pulses(long nowNanos) {
    List<TrainerPulse> pulses = new ArrayList<>();
    trainers.forEach((name, line) -> pulses.add(new TrainerPulse(name, line.steps.at(nowNanos))));
    return pulses;
  }

  private static ObjectNode tree(String name, TrainerLine line, long nowNanos) {
    ObjectNode object = JSON.createObjectNode();
    object.put("trainer", name);
    object.put("incarnation", line.incarnation);
    object.put("node", line.node);
    object.put("device", line.device);
    object.put("staleness", line.staleness);
    object.put("last_version", line.lastVersion);
    RunHealth.Pulse steps = line.steps.at(nowNanos);
    put(object, "last_step_seconds_ago", steps.quietNanos() * SECONDS_PER_NANO);
    put(object, "step_seconds", steps.medianNanos() * SECONDS_PER_NANO);
    object.put("steps", line.accepted);
    object.put("refused", line.refused);
    object.put("images", line.images);
    return object;
  }

  private static ObjectNode tree(EvaluationQueue.View view) {
    ObjectNode object = JSON.createObjectNode();
    object.put("entry", view.entry());
    object.put("track", view.track());
    object.put("images", view.images());
    object.put("version", view.version());
    object.put("parts_done", view.partsDone());
    object.put("parts", view.parts());
    object.set("evaluators", JSON.valueToTree(view.evaluators()));
    return object;
  }

  private static void put(ObjectNode object, String key, double value) {
    if (Double.isFinite(value)) {
      object.put(key, value);
    } else {
      object.putNull(key);
    }
  }
}
