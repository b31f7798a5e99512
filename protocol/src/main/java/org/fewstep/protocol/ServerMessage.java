package org.fewstep.protocol;

import java.util.List;
import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What the parameter server may be told. */
public sealed interface ServerMessage {

  /**
   * Asks for parameters; answered by {@link TrainerMessage.Snapshot} of the newest version, as soon
   * as that is at least the one asked for.
   */
  record PullSnapshot(long minVersion, ActorRef<TrainerMessage> replyTo)
      implements ServerMessage, WireMessage {}

  /**
   * A unit's gradient, or how far a trainer came by steps of its own: the parameters it began with
   * less those it ended with. The latter may be followed by as many elements again, what rounding
   * took from each difference. Answered by {@link TrainerMessage.PushAck}. The server fetches the
   * tensor and releases it.
   *
   * @param epoch of the snapshot at which it was computed
   * @param unit index of the unit of work; of several, the first
   * @param baseVersion version of the snapshot
   * @param images images in the unit, or in all of them
   */
  record Push(
      PushId push,
      long epoch,
      long unit,
      long baseVersion,
      int images,
      UnitReport report,
      TensorTicket gradient,
      ActorRef<TrainerMessage> replyTo)
      implements ServerMessage, WireMessage {}

  /**
   * What was decided about a staged push; the server forgets it unless it was accepted.
   *
   * @param nextVersion the lowest version that its trainer should go on from; 0 for any
   */
  record Judged(PushId push, Verdict verdict, long nextVersion)
      implements ServerMessage, WireMessage {
    /** For a trainer that may go on from any version. */
    public Judged(PushId push, Verdict verdict) {
      this(push, verdict, 0);
    }
  }

  /** What a decision does to the parameters. */
  enum Effect {
    /** The pushes are applied, all or none. */
    APPLY,
    /** The pushes are forgotten; the parameters stay as they are. */
    LEAVE_OUT,
    /** The pushes are forgotten; the parameters go back to those of an earlier checkpoint. */
    GO_BACK
  }

  /**
   * How pushes become one: as their mean under weights, times a factor.
   *
   * @param weights of the pushes, in their order; empty when all weigh the same
   * @param factor on the step that is made of the mean
   */
  record Blend(List<Double> weights, double factor) {
    /** The plain mean. */
    public static final Blend EVEN = new Blend(List.of(), 1);

    public Blend {
      weights = List.copyOf(weights);
    }
  }

  /**
   * Makes a version. Version and images count on whatever the effect is.
   *
   * @param version the version to be made, one more than the present one
   * @param pushes the accepted pushes in the order in which their gradients are summed
   * @param images images that the run has passed once it is made
   * @param evaluation when not null, exactly this version is to be evaluated, by all these entries
   * @param checkpoint whether exactly this version is to be saved
   * @param unitsAhead as in {@link CoordinatorMessage.ServerReady}, once it is made
   */
  record Decision(
      long epoch,
      long version,
      List<PushId> pushes,
      long images,
      @Nullable EvaluationSchedule evaluation,
      boolean checkpoint,
      Effect effect,
      Blend blend,
      List<Long> unitsAhead)
      implements ServerMessage, WireMessage {
    public Decision {
      pushes = List.copyOf(pushes);
      unitsAhead = List.copyOf(unitsAhead);
    }

    /** The plain mean of pushes that cover the units without a gap. */
    public Decision(
        long epoch,
        long version,
        List<PushId> pushes,
        long images,
        @Nullable EvaluationSchedule evaluation,
        boolean checkpoint,
        Effect effect) {
      this(epoch, version, pushes, images, evaluation, checkpoint, effect, Blend.EVEN, List.of());
    }
  }

  /** Saves the present version, which must be this one. */
  record WriteCheckpoint(long version) implements ServerMessage, WireMessage {}

  /** A track of a version is evaluated: its parameters need not be kept any longer. */
  record ReleaseTrack(long version, String track) implements ServerMessage, WireMessage {}

  /** What never leaves the server's JVM. */
  non-sealed interface Local extends ServerMessage, NoSerializationVerificationNeeded {}
}
