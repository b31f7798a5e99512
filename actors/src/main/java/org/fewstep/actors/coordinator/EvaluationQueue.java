package org.fewstep.actors.coordinator;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.EvaluatorMessage.EvaluatePart;
import org.fewstep.protocol.TensorTicket;
import org.jspecify.annotations.Nullable;

/**
 * Evaluations that fell due and are not done, and who makes them. An evaluation is one entry of the
 * schedule for one track of one version; it is cut into a part for each sampler and number of
 * steps, which free evaluators share, the oldest first. Its scores come out together, in the order
 * of the entry, however its parts were shared.
 *
 * <p>EVAL-1: an evaluation that fell due under a schedule's version is made exactly once, unless it
 * is cancelled, which is said. A part has a number that is never given twice; what comes in under a
 * number that is not under way is dropped, and a part whose evaluator is lost goes to another one
 * under a new number.
 *
 * <p>Belongs to one thread.
 */
final class EvaluationQueue {
  private final Map<Key, Track> tracks = new LinkedHashMap<>();
  private final Map<String, Optional<Running>> evaluators = new LinkedHashMap<>();
  private long lastPart;

  private record Key(long version, String track) {}

  private record Running(Part part, long number) {}

  private static final class Part {
    final Evaluation evaluation;
    final SamplerKind sampler;
    final int steps;
    boolean handedOut;
    @Nullable List<String> scores;

    Part(Evaluation evaluation, SamplerKind sampler, int steps) {
      this.evaluation = evaluation;
      this.sampler = sampler;
      this.steps = steps;
    }

    boolean of(Track track) {
      return evaluation.track == track;
    }
  }

  private static final class Evaluation {
    final Track track;
    final EvaluationEntry entry;
    final List<Part> parts = new ArrayList<>();

    Evaluation(Track track, EvaluationEntry entry) {
      this.track = track;
      this.entry = entry;
      for (SamplerKind sampler : entry.samplers()) {
        entry.steps().forEach(steps -> parts.add(new Part(this, sampler, steps)));
      }
    }

    boolean isDone() {
      return parts.stream().allMatch(part -> part.scores != null);
    }

    List<String> scores() {
      return parts.stream().flatMap(part -> Objects.requireNonNull(part.scores).stream()).toList();
    }
  }

  private static final class Track {
    final Key key;
    final long images;
    final List<Evaluation> evaluations = new ArrayList<>();
    @Nullable TensorTicket parameters;

    Track(Key key, long images) {
      this.key = key;
      this.images = images;
    }
  }

  /** A part for an evaluator. */
  record Assignment(String evaluator, EvaluatePart part) {}

  /** An evaluation that is done, with its scores, or cancelled, without. */
  record Ended(long version, long images, String track, String entry, List<String> scores) {}

  /** A track of a version whose evaluations have all ended. */
  record TrackEnded(long version, long images, String track) {}

  /** What an evaluator's answer brought to its end. */
  record Outcome(Optional<Ended> evaluation, Optional<TrackEnded> track) {
    static final Outcome NOTHING = new Outcome(Optional.empty(), Optional.empty());
  }

  /**
   * What a cancellation ended.
   *
   * @param tracks those that nobody reads any more; the others end when their readers are done
   * @param running evaluators to be told, with the numbers of their parts
   */
  record Cancelled(List<Ended> evaluations, List<TrackEnded> tracks, Map<String, Long> running) {}

  /**
   * An evaluation that is under way, for people.
   *
   * @param evaluators that work on it
   */
  record View(
      long version,
      long images,
      String track,
      String entry,
      int partsDone,
      int parts,
      List<String> evaluators) {}

  /** Evaluations of a track fell due at a version, by the entries of the schedule for it. */
  void add(long version, long images, String name, EvaluationSchedule due) {
    Track track = tracks.computeIfAbsent(new Key(version, name), key -> new Track(key, images));
    due.on(name).entries().forEach(entry -> track.evaluations.add(new Evaluation(track, entry)));
  }

  /**
   * The parameters of a track can be fetched.
   *
   * @return whether they are wanted; they may not be any more after a cancellation
   */
  boolean kept(long version, String name, TensorTicket parameters) {
    Track track = tracks.get(new Key(version, name));
    if (track != null) {
      track.parameters = parameters;
    }
    return track != null && !track.evaluations.isEmpty();
  }

  /** Forgets a track whose evaluations were all cancelled before its parameters were there. */
  Optional<TrackEnded> endIfCancelled(long version, String name) {
    Track track = tracks.get(new Key(version, name));
    return track == null ? Optional.empty() : endIfDone(track);
  }

  /** A track ends when nothing of it is left to do and nobody reads its parameters. */
  private Optional<TrackEnded> endIfDone(Track track) {
    boolean read =
        evaluators.values().stream()
            .anyMatch(running -> running.filter(r -> r.part().of(track)).isPresent());
    if (read || !track.evaluations.isEmpty() || track.parameters == null) {
      return Optional.empty();
    }
    tracks.remove(track.key);
    return Optional.of(new TrackEnded(track.key.version(), track.images, track.key.track()));
  }

  /**
   * An evaluator takes part and is free; what it worked on in an earlier life waits for another
   * one.
   */
  Optional<TrackEnded> join(String evaluator) {
    Optional<TrackEnded> ended = lost(evaluator);
    evaluators.put(evaluator, Optional.empty());
    return ended;
  }

  /** An evaluator is gone; its part waits for another one. */
  Optional<TrackEnded> lost(String evaluator) {
    Optional<Running> running = evaluators.remove(evaluator);
    if (running == null || running.isEmpty()) {
      return Optional.empty();
    }
    Part part = running.get().part();
    part.handedOut = false;
    return endIfDone(part.evaluation.track);
  }

  /** Hands waiting parts to free evaluators. */
  List<Assignment> assign() {
    List<Assignment> assignments = new ArrayList<>();
    for (Map.Entry<String, Optional<Running>> evaluator : evaluators.entrySet()) {
      if (evaluator.getValue().isPresent()) {
        continue;
      }
      Optional<Part> next = nextPart();
      if (next.isEmpty()) {
        break;
      }
      Part part = next.get();
      part.handedOut = true;
      long number = ++lastPart;
      evaluator.setValue(Optional.of(new Running(part, number)));
      assignments.add(new Assignment(evaluator.getKey(), message(part, number)));
    }
    return assignments;
  }

  private Optional<Part> nextPart() {
    return tracks.values().stream()
        .filter(track -> track.parameters != null)
        .flatMap(track -> track.evaluations.stream())
        .flatMap(evaluation -> evaluation.parts.stream())
        .filter(part -> !part.handedOut)
        .findFirst();
  }

  private static EvaluatePart message(Part part, long number) {
    Track track = part.evaluation.track;
    return new EvaluatePart(
        number,
        track.key.version(),
        track.images,
        track.key.track(),
        part.evaluation.entry,
        part.sampler,
        part.steps,
        Objects.requireNonNull(track.parameters));
  }

  /** The part of that number, while that evaluator works on it. */
  Optional<EvaluatePart> underWay(String evaluator, long number) {
    return evaluators
        .getOrDefault(evaluator, Optional.empty())
        .filter(running -> running.number() == number)
        .map(running -> message(running.part(), number));
  }

  /** An evaluator has ended a part and is free. */
  Outcome done(String evaluator, long number, List<String> scores) {
    Optional<Running> running = evaluators.getOrDefault(evaluator, Optional.empty());
    if (running.isEmpty() || running.get().number() != number) {
      return Outcome.NOTHING;
    }
    evaluators.put(evaluator, Optional.empty());
    Part part = running.get().part();
    Evaluation evaluation = part.evaluation;
    if (!evaluation.track.evaluations.contains(evaluation)) {
      return new Outcome(Optional.empty(), endIfDone(evaluation.track));
    }
    part.scores = List.copyOf(scores);
    if (!evaluation.isDone()) {
      return Outcome.NOTHING;
    }
    Ended ended = end(evaluation, evaluation.scores());
    return new Outcome(Optional.of(ended), endIfDone(evaluation.track));
  }

  private static Ended end(Evaluation evaluation, List<String> scores) {
    Track track = evaluation.track;
    track.evaluations.remove(evaluation);
    return new Ended(
        track.key.version(), track.images, track.key.track(), evaluation.entry.name(), scores);
  }

  /** Drops every evaluation. Evaluators stay busy until they say that they dropped theirs too. */
  Cancelled cancel() {
    List<Ended> evaluations = new ArrayList<>();
    List<TrackEnded> ended = new ArrayList<>();
    Map<String, Long> running = new LinkedHashMap<>();
    for (Track track : List.copyOf(tracks.values())) {
      for (Evaluation evaluation : List.copyOf(track.evaluations)) {
        evaluations.add(end(evaluation, List.of()));
      }
      endIfDone(track).ifPresent(ended::add);
    }
    evaluators.forEach(
        (evaluator, part) -> part.ifPresent(r -> running.put(evaluator, r.number())));
    return new Cancelled(evaluations, ended, running);
  }

  /** Tracks of versions whose parameters are held for evaluators. */
  int tracksUnderWay() {
    return tracks.size();
  }

  /** Names of the evaluators that take part. */
  List<String> evaluators() {
    return List.copyOf(evaluators.keySet());
  }

  /** What is under way, the oldest first. */
  List<View> views() {
    return tracks.values().stream()
        .flatMap(track -> track.evaluations.stream())
        .map(this::view)
        .toList();
  }

  private View view(Evaluation evaluation) {
    List<String> workers =
        evaluators.entrySet().stream()
            .filter(e -> e.getValue().filter(r -> r.part().evaluation == evaluation).isPresent())
            .map(Map.Entry::getKey)
            .toList();
    return new View(
        evaluation.track.key.version(),
        evaluation.track.images,
        evaluation.track.key.track(),
        evaluation.entry.name(),
        (int) evaluation.parts.stream().filter(part -> part.scores != null).count(),
        evaluation.parts.size(),
        workers);
  }
}
