package org.fewstep.deploy.output;

import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** How far the drawing of samples has come, on a terminal; silent elsewhere. */
public final class DrawingView implements AutoCloseable {
  private final Console console;
  private final @Nullable ProgressBar bar;

  /**
   * @param total images to draw
   */
  public DrawingView(Console console, long total) {
    this.console = console;
    bar = console.terminal() ? Bars.of("drawing", total, console, null) : null;
  }

  /** So many images are drawn. */
  public void drawn(long images) {
    if (bar != null) {
      bar.stepTo(images);
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
