package org.fewstep.actors.evaluator;

import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.SamplerKind;

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
    int steps) {}
