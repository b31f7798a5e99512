package org.fewstep.deploy.output;

import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** How far a run has come: a bar on a terminal, a line a tick elsewhere. */
public final class TrainingView implements AutoCloseable {
  private final Console console;
  private final long totalImages;
  private final @Nullable ProgressBar bar;
  private volatile double imagesPerSecond;

  /**
   * @param name of the run
   * @param totalImages length of the run
   */
  public TrainingView(Console console, String name, long totalImages) {
    this.console = console;
    this.totalImages = totalImages;
    this.bar =
        console.terminal() ? Bars.of(name, totalImages, console, () -> imagesPerSecond) : null;
  }

  /** After an update. */
  public void update(long images, double speed, double loss) {
    imagesPerSecond = speed;
    if (bar != null) {
      bar.setExtraMessage(String.format(Locale.ROOT, " %.1f images/s  loss %.4g", speed, loss));
      bar.stepTo(Math.min(images, totalImages));
    }
  }

  /** After a tick. */
  public void tick(long images, double speed, double loss, double waitingShare) {
    if (bar == null) {
      console.note(
          String.format(
              Locale.ROOT,
              "%,d of %,d images (%d %%)  %.1f images/s  loss %.4g  waiting %.1f %%  %s left",
              images,
              totalImages,
              Math.min(100, 100 * images / totalImages),
              speed,
              loss,
              100 * waitingShare,
              Numbers.duration(Math.max(0, totalImages - images) / speed)));
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
