package org.fewstep.actors.run;

import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.fewstep.actors.loader.DataLoader;
import org.fewstep.actors.loader.RoundLoader;
import org.fewstep.actors.trainer.LocalRound;
import org.fewstep.actors.trainer.Trainer;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.LoaderMessage;

/** What a trainer works with under the run's update rule, the same on every node. */
final class TrainerWork {
  private TrainerWork() {}

  /**
   * The trainer's part.
   *
   * @param localStepUnits units of a trainer's own step, 0 where trainers push gradients
   */
  static Trainer.Work of(WorkParts parts, int localStepUnits) {
    return new Trainer.Work(
        onDevice(parts, parts::newLearner),
        localStepUnits == 0 ? null : () -> new LocalRound(parts.newLocalSteps(), localStepUnits));
  }

  /** Makes something on a thread that computes with it, which is bound to the device before. */
  static <T> Supplier<T> onDevice(WorkParts parts, Supplier<T> make) {
    return () -> {
      parts.device().bind();
      return make.get();
    };
  }

  /** The loader's part; where trainers take steps of their own, each needs a loader of its own. */
  static Behavior<LoaderMessage> loader(
      String name,
      WorkParts parts,
      int localStepUnits,
      int readyUnits,
      ActorRef<CoordinatorMessage> coordinator) {
    return localStepUnits == 0
        ? DataLoader.create(name, parts.newUnitSource(), readyUnits, coordinator)
        : RoundLoader.create(name, parts.newUnitSource(), readyUnits, coordinator);
  }
}
