package org.fewstep.protocol;

/**
 * A message that may cross the wire; {@link WireSerializer} knows the bytes of each one listed
 * here. It holds primitives, strings, lists, settings, actor references and {@link TensorTicket}s
 * alone.
 */
public sealed interface WireMessage
    permits CoordinatorMessage.Join,
        CoordinatorMessage.RequestLease,
        CoordinatorMessage.ServerReady,
        CoordinatorMessage.Staged,
        CoordinatorMessage.PushLost,
        CoordinatorMessage.Published,
        CoordinatorMessage.CheckpointWritten,
        CoordinatorMessage.CheckpointFailed,
        CoordinatorMessage.TrackKept,
        CoordinatorMessage.EvaluatorReady,
        CoordinatorMessage.PartDone,
        CoordinatorMessage.GetSchedule,
        CoordinatorMessage.ReplaceSchedule,
        CoordinatorMessage.PauseSchedule,
        CoordinatorMessage.EvaluateNow,
        CoordinatorMessage.GetStatus,
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
        ServerMessage.ReleaseTrack,
        EvaluatorMessage.EvaluatePart,
        EvaluatorMessage.CancelPart,
        ScheduleReply.Current,
        AdmissionMessage.AskRun,
        AdmissionMessage.AskStop,
        AdmissionMessage.Present,
        NodeMessage.RunOffer,
        NodeMessage.AskPresence,
        NodeMessage.TurnedAway,
        NodeMessage.RunStopping,
        NodeMessage.RunEnded,
        ScheduleReply.Replaced,
        ScheduleReply.Conflict,
        ScheduleReply.Ordered,
        ScheduleReply.Refused,
        StatusReply.Status {

  /** Version of the messages and their meaning; both sides must speak the same. */
  int PROTOCOL_VERSION = 1;
}
