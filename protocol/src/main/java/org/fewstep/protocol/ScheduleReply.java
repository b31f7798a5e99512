package org.fewstep.protocol;

/** Answers {@link CoordinatorMessage.ReplaceSchedule}. */
public sealed interface ScheduleReply {

  /** The schedule holds from now on, under this version. */
  record Replaced(long version) implements ScheduleReply, WireMessage {}

  /** Somebody else replaced the schedule before; this is the one that holds. */
  record Conflict(EvaluationSchedule current) implements ScheduleReply, WireMessage {}
}
