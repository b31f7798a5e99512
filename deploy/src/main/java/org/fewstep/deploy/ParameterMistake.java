package org.fewstep.deploy;

import java.util.List;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one sentence what is wrong with the arguments. */
final class ParameterMistake {
  private ParameterMistake() {}

  static String sentence(ParameterException mistake) {
    String message = String.valueOf(mistake.getMessage()).strip();
    StringBuilder sentence = new StringBuilder(message);
    if (mistake instanceof UnmatchedArgumentException unmatched) {
      List<String> suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        sentence.append(" (nearest: ").append(suggestions.get(0)).append(')');
      }
    }
    return sentence
        .append("; see ./")
        .append(mistake.getCommandLine().getCommandSpec().qualifiedName())
        .append(" --help")
        .toString();
  }
}
