package org.fewstep.deploy.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.fewstep.config.CheckpointConfig.OnFailure;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Numbers;

/**
 * What a run does when the disk refuses one of its files: ends, or says so once per kind of file
 * and goes on without it.
 */
final class DiskRefusals {
  private final OnFailure onFailure;
  private final Console console;
  private final Set<String> told = new HashSet<>();
  private final Set<Long> unfinishedEvaluations = new HashSet<>();
  private final Set<Long> unkeptEvaluations = new TreeSet<>();

  DiskRefusals(OnFailure onFailure, Console console) {
    this.onFailure = onFailure;
    this.console = console;
  }

  /**
   * Writes something.
   *
   * @param what kind of file
   * @return whether it is written
   * @throws UserException if it is not, and the run is to end
   */
  synchronized boolean written(String what, Runnable write) {
    try {
      write.run();
      told.remove(what);
      return true;
    } catch (UserException e) {
      if (onFailure == OnFailure.STOP) {
        throw e;
      }
      if (told.add(what)) {
        console.note("fewstep: %s; the run goes on without it".formatted(e.getMessage()));
      }
      return false;
    }
  }

  /**
   * A checkpoint is not written.
   *
   * @param last whether no other one will be
   * @throws UserException if the run is to end
   */
  synchronized void checkpointFailed(String reason, boolean last) {
    if (onFailure == OnFailure.STOP || last) {
      throw new UserException(
          "%s; make room, then go on from the newest checkpoint by --resume".formatted(reason));
    }
    console.note(
        "fewstep: %s; the run goes on and tries again at the next checkpoint".formatted(reason));
  }

  /** Something of an evaluation could not be written. */
  synchronized void unfinished(long images) {
    unfinishedEvaluations.add(images);
  }

  /** The parameters of an evaluation could not be kept, so that no other process can make it. */
  synchronized void notKept(long images) {
    unkeptEvaluations.add(images);
  }

  /** Everything of an evaluation is written. */
  synchronized void evaluated(long images) {
    unkeptEvaluations.remove(images);
  }

  /** Whether everything of an evaluation could be written so far. */
  synchronized boolean isFinished(long images) {
    return !unfinishedEvaluations.contains(images);
  }

  /**
   * Called at the end of the run.
   *
   * @throws UserException if evaluations are missing
   */
  synchronized void end() {
    List<String> missing = new ArrayList<>();
    if (!unkeptEvaluations.isEmpty()) {
      boolean one = unkeptEvaluations.size() == 1;
      missing.add(
          "the evaluation%s at %s images %s lost, because the parameters could not be written"
              .formatted(
                  one ? "" : "s",
                  Numbers.list(List.copyOf(unkeptEvaluations)),
                  one ? "is" : "are"));
    }
    Set<Long> kept = new HashSet<>(unfinishedEvaluations);
    kept.removeAll(unkeptEvaluations);
    if (!kept.isEmpty()) {
      missing.add(
          ("%s could not be written: make room, then give the same command with --resume, which"
                  + " makes up for %s")
              .formatted(
                  kept.size() == 1 ? "1 evaluation" : kept.size() + " evaluations",
                  kept.size() == 1 ? "it" : "them"));
    }
    if (!missing.isEmpty()) {
      throw new UserException(String.join("; ", missing));
    }
  }
}
