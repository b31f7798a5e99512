package org.fewstep.actors.run;

import java.util.Map;

/**
 * What a node that comes is told of a run.
 *
 * @param name for people
 * @param settings all of them, as HOCON
 * @param evaluationChecksums of the files that evaluations depend on, by the settings that name
 *     them
 * @param codeVersion of the program; nodes must have the same
 */
public record OpenRun(
    String name, String settings, Map<String, String> evaluationChecksums, String codeVersion) {
  public OpenRun {
    evaluationChecksums = Map.copyOf(evaluationChecksums);
  }
}
