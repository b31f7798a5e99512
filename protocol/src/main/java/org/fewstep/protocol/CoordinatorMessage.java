package org.fewstep.protocol;

import java.util.List;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What the run coordinator may be told. */
public sealed interface CoordinatorMessage {

  /**
   * A trainer asks for admission; answered by {@link TrainerMessage.Admitted} or {@link
   * TrainerMessage.Refused}.
   *
   * @param trainer name of the trainer, the same over its restarts
   * @param incarnation counts the trainer's lives from 1
   * @param modelHash of the network's tensors and of everything that shapes the objective
   * @param dataFingerprint of the trainer's data set
   * @param device what it computes on, such as {@code cpu:0}, for people
   */
  record Join(
      String trainer,
      long incarnation,
      int protocolVersion,
      String modelHash,
      String dataFingerprint,
      String device,
      ActorRef<TrainerMessage> replyTo)
      implements CoordinatorMessage, WireMessage {}

  /**
   * A data loader asks for units to read; answered by {@link LoaderMessage.LeaseGranted} once there
   * are any. A later request of the same loader takes the place of an unanswered one.
   *
   * @param units how many at most
   */
  record RequestLease(String loader, int units, ActorRef<LoaderMessage> replyTo)
      implements CoordinatorMessage, WireMessage {}

  /**
   * The parameter server holds the parameters of a version and serves them.
   *
   * @param epoch counts the lives of the parameters; work done in another epoch is void
   * @param images images those parameters were trained on
   * @param unitsAhead units that are part of them although a lower one is not: the first unit of a
   *     range, the unit behind it, and so on
   */
  record ServerReady(
      long epoch, long version, long images, List<Long> unitsAhead, ActorRef<ServerMessage> server)
      implements CoordinatorMessage, WireMessage {
    public ServerReady {
      unitsAhead = List.copyOf(unitsAhead);
    }

    /** Of parameters whose units have no gap. */
    public ServerReady(long epoch, long version, long images, ActorRef<ServerMessage> server) {
      this(epoch, version, images, List.of(), server);
    }
  }

  /**
   * The server holds a push, not yet applied, and asks what to do with it; answered by {@link
   * ServerMessage.Judged}.
   *
   * @param unit index of the unit of work; of several that a push covers, the first
   * @param baseVersion version of the parameters at which it was computed
   * @param images images in the unit, or in all the units that the push covers
   * @param notFinite the tensors with a NaN or an infinity; empty when all are finite
   */
  record Staged(
      PushId push,
      long epoch,
      long unit,
      long baseVersion,
      int images,
      UnitReport report,
      String notFinite)
      implements CoordinatorMessage, WireMessage {}

  /** A push never came whole, so its unit is to be computed again; its trainer has been told. */
  record PushLost(PushId push, long unit) implements CoordinatorMessage, WireMessage {}

  /**
   * The server has applied a decision and serves the new version.
   *
   * @param gradientNorm Euclidean norm of the mean of what was pushed for the update
   * @param learningRate at which it was applied
   */
  record Published(long epoch, long version, long images, double gradientNorm, double learningRate)
      implements CoordinatorMessage, WireMessage {}

  /** A checkpoint of exactly this version lies complete at a path. */
  record CheckpointWritten(long version, long images, String path)
      implements CoordinatorMessage, WireMessage {}

  /**
   * A checkpoint of this version could not be written, and nothing of it is left.
   *
   * @param reason a sentence for the user
   */
  record CheckpointFailed(long version, long images, String reason)
      implements CoordinatorMessage, WireMessage {}

  /**
   * The parameters of a track that is to be evaluated are kept and can be fetched until {@link
   * ServerMessage.ReleaseTrack}.
   */
  record TrackKept(long version, long images, String track, TensorTicket parameters)
      implements CoordinatorMessage, WireMessage {}

  /**
   * An evaluator takes part and is free; answered by {@link EvaluatorMessage.EvaluatePart}, one at
   * a time. When it ends, what it worked on is given to another one.
   *
   * @param evaluator its name, the same over its restarts
   */
  record EvaluatorReady(String evaluator, ActorRef<EvaluatorMessage> replyTo)
      implements CoordinatorMessage, WireMessage {}

  /**
   * An evaluator has made a part, or dropped one that was cancelled, and is free again.
   *
   * @param scores JSON objects, one a score
   * @param grid samples to be shown; null where none are
   */
  record PartDone(String evaluator, long part, List<String> scores, @Nullable SampleGrid grid)
      implements CoordinatorMessage, WireMessage {
    public PartDone {
      scores = List.copyOf(scores);
    }

    /** A part without a grid. */
    public PartDone(String evaluator, long part, List<String> scores) {
      this(evaluator, part, scores, null);
    }
  }

  /** Asks for the evaluation schedule; answered by {@link ScheduleReply.Current}. */
  record GetSchedule(ActorRef<ScheduleReply> replyTo) implements CoordinatorMessage, WireMessage {}

  /**
   * Replaces the evaluation schedule if it is still the expected one; answered by a {@link
   * ScheduleReply}.
   *
   * @param schedule its version is ignored: it becomes the one after the expected one
   * @param cancelRunning whether evaluations that have fallen due and are not done are dropped
   */
  record ReplaceSchedule(
      long expectedVersion,
      EvaluationSchedule schedule,
      boolean cancelRunning,
      ActorRef<ScheduleReply> replyTo)
      implements CoordinatorMessage, WireMessage {}

  /**
   * Pauses or resumes the evaluation schedule, whichever version it has; answered by {@link
   * ScheduleReply.Current}.
   */
  record PauseSchedule(boolean paused, ActorRef<ScheduleReply> replyTo)
      implements CoordinatorMessage, WireMessage {}

  /**
   * Evaluates the coming version, also while the schedule is paused; answered by {@link
   * ScheduleReply.Ordered} or {@link ScheduleReply.Refused}.
   *
   * @param entries names of the entries to evaluate; all when it is empty
   */
  record EvaluateNow(List<String> entries, ActorRef<ScheduleReply> replyTo)
      implements CoordinatorMessage, WireMessage {
    public EvaluateNow {
      entries = List.copyOf(entries);
    }
  }

  /** Asks how the run is; answered by {@link StatusReply.Status}. */
  record GetStatus(ActorRef<StatusReply> replyTo) implements CoordinatorMessage, WireMessage {}

  /** Ends the run after a checkpoint of what has been applied. */
  record StopRun() implements CoordinatorMessage, WireMessage {}

  /** What never leaves the coordinator's JVM. */
  non-sealed interface Local extends CoordinatorMessage, NoSerializationVerificationNeeded {}
}
