package org.fewstep.deploy;

/** How the command ends, as scripts rely on it. */
public final class ExitCode {
  /** It did what it was told. */
  public static final int DONE = 0;

  /** It ran, and what it checks does not hold. */
  public static final int DOES_NOT_HOLD = 1;

  /** The user's mistake, or an environment it cannot work in; one sentence on standard error. */
  public static final int USER_MISTAKE = 2;

  /** A defect of the program; a report lies in a file. */
  public static final int DEFECT = 70;

  /**
   * Stopped by Ctrl-C or SIGTERM after a clean checkpoint. One code for both: a supervisor that
   * asks a run to end wants to know whether {@code --resume} goes on, not which signal it sent.
   */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
