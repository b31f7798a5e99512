package org.fewstep.model.run;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who computes features while the next samples are drawn: a thread of its own, to which the feature
 * network belongs from its making to its end; or the thread that draws, where there is nothing to
 * win. Either does what it is given in the order in which it was given, so the results are the same
 * bit for bit.
 *
 * <p>At most one piece of work is under way, so that two batches of samples are in memory. One
 * thread alone gives work.
 */
public final class FeatureThread implements AutoCloseable {
  private final @Nullable ExecutorService thread;
  private @Nullable Future<?> underWay;

  private FeatureThread(@Nullable ExecutorService thread) {
    this.thread = thread;
  }

  /** A thread of its own, which does not keep the process from ending. */
  public static FeatureThread ofItsOwn() {
    return new FeatureThread(
        Executors.newSingleThreadExecutor(
            work -> {
              Thread created = new Thread(work, "features");
              created.setDaemon(true);
              return created;
            }));
  }

  /** A thread of its own where there is a core for it, else the caller's. */
  public static FeatureThread asCoresAllow() {
    return Runtime.getRuntime().availableProcessors() > 1 ? ofItsOwn() : ofTheCaller();
  }

  /** The thread of whoever gives the work. */
  public static FeatureThread ofTheCaller() {
    return new FeatureThread(null);
  }

  /** Does something now, after all that was given; returns what comes of it. */
  public <T extends @Nullable Object> T call(Supplier<T> work) {
    if (thread == null) {
      return work.get();
    }
    await();
    return resultOf(thread.submit(work::get));
  }

  /** Does something now, after all that was given. */
  public void run(Runnable work) {
    give(work);
    await();
  }

  /** Does something now whatever became of what was given: its failure is told elsewhere. */
  public void lastly(Runnable work) {
    try {
      await();
    } catch (RuntimeException e) {
      // Whoever drew the next batch meanwhile has failed too, or was told.
    } finally {
      run(work);
    }
  }

  /**
   * Waits until what was given before is done, and begins with the next.
   *
   * @throws RuntimeException what the work before threw
   */
  void give(Runnable work) {
    if (thread == null) {
      work.run();
      return;
    }
    await();
    underWay = thread.submit(work);
  }

  /**
   * Waits until all that was given is done.
   *
   * @throws RuntimeException what it threw
   */
  void await() {
    Future<?> given = underWay;
    underWay = null;
    if (given != null) {
      resultOf(given);
    }
  }

  private static <T extends @Nullable Object> T resultOf(Future<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while features were computed", e);
    }
  }

  /** Ends the thread once it has done what it is at. */
  @Override
  public void close() {
    if (thread != null) {
      thread.shutdown();
    }
  }
}
