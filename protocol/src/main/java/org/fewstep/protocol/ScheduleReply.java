package org.fewstep.protocol;

/** Answers what was asked about the evaluation schedule. */
public sealed interface ScheduleReply {

  /** The schedule that holds. */
  record Current(EvaluationSchedule schedule) implements ScheduleReply, WireMessage {}

  /** The schedule holds from now on, under this version. */
  record Replaced(EvaluationSchedule schedule) implements ScheduleReply, WireMessage {}

  /** Somebody else replaced the schedule before; this is the one that holds. */
  record Conflict(EvaluationSchedule current) implements ScheduleReply, WireMessage {}

  /**
   * The coming version of the parameters is evaluated.
   *
   * @param images that it will have seen
   */
  record Ordered(long version, long images) implements ScheduleReply, WireMessage {}

  /**
   * Nothing has changed.
   *
   * @param reason a sentence for the user
   */
  record Refused(String reason) implements ScheduleReply, WireMessage {}
}
