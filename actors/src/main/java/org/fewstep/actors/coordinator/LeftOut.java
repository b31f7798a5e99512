package org.fewstep.actors.coordinator;

/**
 * An update that passed without being applied.
 *
 * @param images images before it
 * @param unit that could not be computed
 * @param culprit what was not finite: the loss, or the gradient of tensors that are named
 * @param wentBack whether the parameters went back to an earlier checkpoint
 * @param times how many updates this process has left out, this one included
 * @param timesAtMost how many it may
 */
public record LeftOut(
    long images, long unit, String culprit, boolean wentBack, int times, int timesAtMost) {}
