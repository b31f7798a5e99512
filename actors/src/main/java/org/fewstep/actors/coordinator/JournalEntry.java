package org.fewstep.actors.coordinator;

import java.util.List;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.Verdict;

/** One thing that the sequencer decided. */
public sealed interface JournalEntry {

  /** Staged pushes became a version. */
  record Applied(long version, List<PushId> pushes, long images, boolean evaluated, boolean saved)
      implements JournalEntry {}

  /** A version passed without its update, because a unit of it is not finite. */
  record LeftOut(long version, long unit, ServerMessage.Effect effect) implements JournalEntry {}

  /** A push was turned away. */
  record TurnedAway(PushId push, long unit, Verdict verdict) implements JournalEntry {}

  /** Another evaluation schedule holds, or the same one paused or resumed. */
  record ScheduleReplaced(long scheduleVersion) implements JournalEntry {}

  /** Entries are evaluated at a version because somebody asked for it. */
  record EvaluationOrdered(long version, List<String> entries) implements JournalEntry {}

  /** Evaluations that had fallen due were dropped, or orders of them were. */
  record EvaluationsCancelled(List<String> evaluations) implements JournalEntry {}

  /** The run was told to end at a version. */
  record Stopped(long version) implements JournalEntry {}
}
