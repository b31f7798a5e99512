package org.fewstep.actors;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Failures on their way to whoever supervises an actor. Pekko takes down the whole system, without
 * telling the reason, when an actor throws what the JVM calls an error: memory that ran out, a
 * native library that does not load. So an actor throws those as {@link MachineException}s, and
 * supervision reports them like everything else.
 */
public final class Failures {
  private Failures() {}

  /** The machine, not the program, is to blame; starting the actor again does not help. */
  public static final class MachineException extends RuntimeException {
    MachineException(Error cause) {
      super(cause.toString(), cause);
    }
  }

  /** Runs work whose errors are to be reported. */
  public static <T> T shielded(Callable<T> work) throws Exception {
    try {
      return work.call();
    } catch (Error e) {
      throw new MachineException(e);
    }
  }

  /** What to throw for the failure of work that ran elsewhere. */
  public static Exception asException(@Nullable Throwable failure) {
    Throwable cause = failure;
    while (cause != null
        && cause.getCause() != null
        && (cause instanceof CompletionException || cause instanceof ExecutionException)) {
      cause = cause.getCause();
    }
    if (cause instanceof Error error) {
      return new MachineException(error);
    }
    return cause instanceof Exception exception
        ? exception
        : new IllegalStateException("work came back with neither result nor failure");
  }
}
