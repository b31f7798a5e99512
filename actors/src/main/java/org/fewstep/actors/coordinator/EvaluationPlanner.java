package org.fewstep.actors.coordinator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.protocol.EvaluationSchedule;

/**
 * Says which entries of the evaluation schedule fall due at which version. Part of the sequencer:
 * no clock, no actor; the caller tells the time.
 *
 * <p>Every version is asked for once, in order, under the one schedule that holds at that moment,
 * so no point in images falls between two schedules or under both. Minutes are counted from when an
 * entry came into force, and go on through a replacement that keeps the entry's name and minutes.
 * What falls due while the schedule is paused is passed over, not saved up.
 */
final class EvaluationPlanner {
  private static final double MILLIS_PER_MINUTE = 60_000;

  private final Map<String, Long> minutesFromMillis = new HashMap<>();
  private final Map<String, EvaluationEntry> ordered = new LinkedHashMap<>();
  private EvaluationSchedule schedule;
  private long nowMillis;

  EvaluationPlanner(EvaluationSchedule schedule) {
    this.schedule = schedule;
  }

  EvaluationSchedule schedule() {
    return schedule;
  }

  /** Tells the time, on any clock that never goes back. */
  void clock(long newNowMillis) {
    nowMillis = newNowMillis;
    for (EvaluationEntry entry : schedule.entries()) {
      if (entry.everyMinutes() > 0) {
        minutesFromMillis.putIfAbsent(entry.name(), nowMillis);
      }
    }
  }

  /** Lets another schedule hold. */
  void replace(EvaluationSchedule replacement) {
    for (EvaluationEntry entry : schedule.entries()) {
      boolean goesOn =
          replacement.entries().stream()
              .anyMatch(
                  other ->
                      other.name().equals(entry.name())
                          && other.everyMinutes() == entry.everyMinutes());
      if (!goesOn) {
        minutesFromMillis.remove(entry.name());
      }
    }
    for (EvaluationEntry entry : replacement.entries()) {
      ordered.replace(entry.name(), entry);
    }
    schedule = replacement;
    clock(nowMillis);
  }

  /** Makes entries fall due at the coming version, whatever their conditions are. */
  void order(List<EvaluationEntry> entries) {
    entries.forEach(entry -> ordered.put(entry.name(), entry));
  }

  /** Takes back all orders; returns what was ordered. */
  List<EvaluationEntry> dropOrders() {
    List<EvaluationEntry> dropped = List.copyOf(ordered.values());
    ordered.clear();
    return dropped;
  }

  /**
   * The entries that fall due at a version; changes nothing.
   *
   * @param imagesBefore seen at the version before it
   * @param images seen at the version
   * @param last whether it is the run's last version
   */
  EvaluationSchedule due(long imagesBefore, long images, boolean last) {
    Map<String, EvaluationEntry> due = new LinkedHashMap<>();
    for (EvaluationEntry entry : schedule.entries()) {
      boolean asScheduled = !schedule.paused() && isDue(entry, imagesBefore, images, last);
      if (asScheduled || ordered.containsKey(entry.name())) {
        due.put(entry.name(), entry);
      }
    }
    ordered.forEach(due::putIfAbsent);
    return new EvaluationSchedule(
        schedule.version(), schedule.paused(), new ArrayList<>(due.values()));
  }

  private boolean isDue(EvaluationEntry entry, long imagesBefore, long images, boolean last) {
    return (last && entry.atEnd())
        || (entry.everyImages() > 0
            && images / entry.everyImages() > imagesBefore / entry.everyImages())
        || entry.atImages().stream().anyMatch(point -> point > imagesBefore && point <= images)
        || periods(entry) >= 1;
  }

  private long periods(EvaluationEntry entry) {
    Long from = minutesFromMillis.get(entry.name());
    return entry.everyMinutes() == 0 || from == null
        ? 0
        : (long) ((nowMillis - from) / (entry.everyMinutes() * MILLIS_PER_MINUTE));
  }

  /** As {@link #due}, and the version is passed: nothing falls due at it again. */
  EvaluationSchedule take(long imagesBefore, long images, boolean last) {
    EvaluationSchedule due = due(imagesBefore, images, last);
    ordered.clear();
    for (EvaluationEntry entry : schedule.entries()) {
      long passedMillis = Math.round(periods(entry) * entry.everyMinutes() * MILLIS_PER_MINUTE);
      minutesFromMillis.computeIfPresent(entry.name(), (name, from) -> from + passedMillis);
    }
    return due;
  }
}
