package org.fewstep.protocol;

/**
 * A message that may cross the wire; {@link WireSerializer} knows the bytes of each one listed
 * here. It holds primitives, strings, lists, actor references and {@link TensorTicket}s alone.
 */
public sealed interface WireMessage
    permits CoordinatorMessage.Join,
        CoordinatorMessage.RequestLease,
        CoordinatorMessage.ServerReady,
        CoordinatorMessage.Staged,
        CoordinatorMessage.Published,
        CoordinatorMessage.CheckpointWritten,
        CoordinatorMessage.CheckpointFailed,
        CoordinatorMessage.ScoresReady,
        CoordinatorMessage.ReplaceSchedule,
        CoordinatorMessage.StopRun,
        LoaderMessage.LeaseGranted,
        LoaderMessage.VersionPublished,
        TrainerMessage.Admitted,
        TrainerMessage.Refused,
        TrainerMessage.Snapshot,
        TrainerMessage.PushAck,
        ServerMessage.PullSnapshot,
        ServerMessage.Push,
        ServerMessage.Judged,
        ServerMessage.Decision,
        ServerMessage.WriteCheckpoint,
        EvaluatorMessage.EvaluateTrack,
        ScheduleReply.Replaced,
        ScheduleReply.Conflict {

  /** Version of the messages and their meaning; both sides must speak the same. */
  int PROTOCOL_VERSION = 1;
}
