package org.fewstep.deploy.command;

import java.util.function.Supplier;

/**
 * Work that leaves nothing unfinished when Ctrl-C or SIGTERM ends the process, which then has the
 * exit code 130 or 143 of the signal.
 */
final class RemovedOnSignal {
  private final Runnable remove;
  private volatile boolean ending;

  private RemovedOnSignal(Runnable remove) {
    this.remove = remove;
  }

  /**
   * Works, and removes what is unfinished if a signal comes meanwhile.
   *
   * @param remove what the work leaves unfinished, while it goes on; must not throw
   */
  static <T> T during(Runnable remove, Supplier<T> work) {
    return new RemovedOnSignal(remove).run(work);
  }

  private <T> T run(Supplier<T> work) {
    Thread hook =
        new Thread(
            () -> {
              ending = true;
              ProcessHandle.current().descendants().forEach(ProcessHandle::destroy);
              remove.run();
            },
            "removed-on-signal");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.get();
    } catch (RuntimeException e) {
      if (ending) {
        // What was removed under its hands is no failure to tell of.
        waitForTheEnd();
      }
      throw e;
    } finally {
      if (!ending) {
        removeHook(hook);
      }
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The signal has just come: the hook finds nothing.
    }
  }

  private static void waitForTheEnd() {
    try {
      Thread.sleep(Long.MAX_VALUE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
