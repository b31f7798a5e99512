package org.fewstep.actors.coordinator;

/** A track of one version that is to be evaluated and is not yet. */
public record OwedEvaluation(long version, String track) {}
