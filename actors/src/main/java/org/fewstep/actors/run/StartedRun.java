package org.fewstep.actors.run;

import java.util.concurrent.CompletionStage;
import org.fewstep.actors.coordinator.RunSummary;

/** A run that this process leads. */
public interface StartedRun {
  /**
   * Ends when the run has: all its threads are idle and its files closed. Fails with the cause of
   * the failure, as it was thrown; with a {@link org.fewstep.config.UserException} when the user
   * can mend it.
   */
  CompletionStage<RunSummary> finished();

  /**
   * Asks the run to end soon: no new units are begun, what was applied is saved, evaluations under
   * way are dropped. Returns at once; {@link #finished} tells when it is done.
   */
  void stop();
}
