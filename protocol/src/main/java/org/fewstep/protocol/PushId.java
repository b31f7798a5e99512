package org.fewstep.protocol;

/**
 * Names one push for good.
 *
 * @param trainer name of the trainer, the same over its restarts
 * @param incarnation counts the trainer's lives from 1
 * @param round counts the pushes of one life from 1
 */
public record PushId(String trainer, long incarnation, long round) {}
