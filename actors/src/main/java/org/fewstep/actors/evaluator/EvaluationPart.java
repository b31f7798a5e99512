package org.fewstep.actors.evaluator;

import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.EvaluatorMessage;

/**
 * A part of an evaluation: one sampler in one number of steps.
 *
 * @param version of the parameters
 * @param images those parameters were trained on
 * @param track name of the EMA track
 * @param entry how many samples, which metrics, from which seed
 */
public record EvaluationPart(
    long version,
    long images,
    String track,
    EvaluationEntry entry,
    SamplerKind sampler,
    int steps) {
  /** As a coordinator gives it away. */
  public static EvaluationPart of(EvaluatorMessage.EvaluatePart message) {
    return new EvaluationPart(
        message.version(),
        message.images(),
        message.track(),
        message.entry(),
        message.sampler(),
        message.steps());
  }
}
