package org.fewstep.deploy.output;

import java.time.Duration;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Makes progress bars that share the terminal with a console's other lines. */
final class Bars {
  private static final int UPDATE_MILLIS = 250;

  private Bars() {}

  /**
   * A bar that counts images.
   *
   * @param imagesPerSecond speed to tell the time left by; null for the mean speed so far
   */
  static ProgressBar of(
      String name, long total, Console console, @Nullable DoubleSupplier imagesPerSecond) {
    ProgressBarBuilder builder =
        ProgressBar.builder()
            .setTaskName(name)
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(UPDATE_MILLIS)
            .setConsumer(new DelegatingProgressBarConsumer(console::rewrite));
    if (imagesPerSecond != null) {
      builder.setEtaFunction(
          state -> {
            double speed = imagesPerSecond.getAsDouble();
            return speed > 0
                ? Optional.of(
                    Duration.ofSeconds(Math.round((state.getMax() - state.getCurrent()) / speed)))
                : Optional.empty();
          });
    }
    return builder.build();
  }
}
