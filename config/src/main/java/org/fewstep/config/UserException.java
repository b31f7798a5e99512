package org.fewstep.config;

/**
 * Something that the user can put right: its message is one sentence that says what is wrong, where
 * (file, key, line) and what to do. The command prints just that sentence and exits with code 2.
 */
public final class UserException extends RuntimeException {
  public UserException(String sentence) {
    super(sentence);
  }

  public UserException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
