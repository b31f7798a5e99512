package org.fewstep.deploy.output;

import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** How many pictures are dealt with: a bar on a terminal, a line every ten seconds elsewhere. */
public final class PictureView implements AutoCloseable {
  private static final long NANOS_BETWEEN_LINES = 10_000_000_000L;

  private final Console console;
  private final String task;
  private final long total;
  private final @Nullable ProgressBar bar;
  private long lastLine = System.nanoTime();

  /**
   * @param task what happens, such as {@code converting}
   * @param total pictures
   */
  public PictureView(Console console, String task, long total) {
    this.console = console;
    this.task = task;
    this.total = total;
    this.bar = console.terminal() ? Bars.of(task, total, console, null) : null;
  }

  /** So many pictures are done. */
  public void done(long pictures) {
    if (bar != null) {
      bar.stepTo(pictures);
    } else if (pictures == total || System.nanoTime() - lastLine > NANOS_BETWEEN_LINES) {
      lastLine = System.nanoTime();
      console.note(
          "%s: %s of %s pictures"
              .formatted(task, Numbers.grouped(pictures), Numbers.grouped(total)));
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      console.clear();
    }
  }
}
