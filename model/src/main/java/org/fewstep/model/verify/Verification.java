package org.fewstep.model.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came out for one golden set.
 *
 * @param checks comparisons made, empty for a set that was not
 * @param notSupported why it could not be compared, null if it was
 */
public record Verification(String set, List<Check> checks, @Nullable String notSupported) {
  public Verification {
    checks = List.copyOf(checks);
  }

  /** Whether nothing that was compared differs. */
  public boolean ok() {
    return checks.stream().allMatch(Check::ok);
  }
}
