package org.fewstep.config;

/**
 * A record refuses its values. The key is relative to the record's own group and the problem
 * completes the sentence that starts with the key, so that whoever knows where the group stands can
 * say it in full.
 */
final class InvalidSetting extends IllegalArgumentException {
  private final String key;
  private final String problem;

  InvalidSetting(String key, String problem) {
    super(key + " " + problem);
    this.key = key;
    this.problem = problem;
  }

  String key() {
    return key;
  }

  String problem() {
    return problem;
  }
}
