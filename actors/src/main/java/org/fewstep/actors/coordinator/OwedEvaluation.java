package org.fewstep.actors.coordinator;

import org.fewstep.protocol.EvaluationSchedule;

/**
 * A track of an earlier version that an earlier process of the run was to evaluate and did not.
 *
 * @param images those parameters were trained on
 * @param due by which entries, under which version of the schedule
 */
public record OwedEvaluation(long version, long images, String track, EvaluationSchedule due) {}
