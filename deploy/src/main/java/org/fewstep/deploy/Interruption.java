package org.fewstep.deploy;

import java.util.concurrent.CompletableFuture;

/**
 * Lets work end well when the process is told to end by Ctrl-C or SIGTERM.
 *
 * <p>The virtual machine answers the signal by running its shutdown hooks while all other threads
 * go on. The hook here asks the work to stop, waits until the command has come to its end by
 * itself, and then ends the process with the command's own exit code.
 */
public final class Interruption implements AutoCloseable {
  private static final CompletableFuture<Integer> COMMAND = new CompletableFuture<>();

  private final Thread hook;

  private Interruption(Thread hook) {
    this.hook = hook;
  }

  /**
   * Until it is closed, a signal runs {@code stop}, which must make the command return soon.
   *
   * @param stop must not throw
   */
  public static Interruption with(Runnable stop) {
    Thread hook =
        new Thread(
            () -> {
              stop.run();
              int code = COMMAND.join();
              System.out.flush();
              System.err.flush();
              Runtime.getRuntime().halt(code);
            },
            "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
    return new Interruption(hook);
  }

  /** The command has come to its end, and everything is said. */
  static void commandEnded(int code) {
    COMMAND.complete(code);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The signal has come: the hook waits for the command's end.
    }
  }
}
