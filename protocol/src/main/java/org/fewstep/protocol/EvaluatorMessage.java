package org.fewstep.protocol;

import org.apache.pekko.actor.NoSerializationVerificationNeeded;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.SamplerKind;

/** What an evaluator may be told. */
public sealed interface EvaluatorMessage {

  /**
   * A part of an evaluation is to be made: one track, by one sampler, in one number of steps;
   * answered by {@link CoordinatorMessage.PartDone}. The tensor may be fetched by many and is
   * released by its owner.
   *
   * @param part number of the part; never given twice
   * @param version of the parameters
   * @param images images those parameters were trained on
   * @param track name of the EMA track
   * @param entry how to evaluate
   */
  record EvaluatePart(
      long part,
      long version,
      long images,
      String track,
      EvaluationEntry entry,
      SamplerKind sampler,
      int steps,
      TensorTicket parameters)
      implements EvaluatorMessage, WireMessage {}

  /**
   * A part is not wanted any more; answered by {@link CoordinatorMessage.PartDone} without scores,
   * unless it is done already.
   */
  record CancelPart(long part) implements EvaluatorMessage, WireMessage {}

  /** What never leaves the evaluator's JVM. */
  non-sealed interface Local extends EvaluatorMessage, NoSerializationVerificationNeeded {}
}
