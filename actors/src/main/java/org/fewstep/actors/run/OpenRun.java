package org.fewstep.actors.run;

/**
 * What a node that comes is told of a run.
 *
 * @param name for people
 * @param settings all of them, as HOCON
 * @param codeVersion of the program; nodes must have the same
 */
public record OpenRun(String name, String settings, String codeVersion) {}
