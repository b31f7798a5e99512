package org.fewstep.actors.coordinator;

/**
 * How a run ended.
 *
 * @param version updates applied in all
 * @param images images seen in all
 * @param seconds that this process trained
 * @param stopped whether it was told to end before its length was reached
 */
public record RunSummary(long version, long images, double seconds, boolean stopped) {}
