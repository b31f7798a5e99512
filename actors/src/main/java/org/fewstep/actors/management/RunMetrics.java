package org.fewstep.actors.management;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.fewstep.model.metrics.Score;
import org.fewstep.protocol.CoordinatorMessage.Published;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.Verdict;

/** The numbers of a run in this process, for Prometheus. Safe for several threads. */
public final class RunMetrics {
  private final PrometheusRegistry registry = new PrometheusRegistry();

  private final Counter trainerSteps =
      Counter.builder()
          .name("trainer_steps_total")
          .help("Units of work that a trainer computed and that count.")
          .labelNames("trainer")
          .register(registry);
  private final Counter trainerImages =
      Counter.builder()
          .name("trainer_images_total")
          .help("Images in these units.")
          .labelNames("trainer")
          .register(registry);
  private final Histogram stepSeconds =
      Histogram.builder()
          .name("trainer_step_seconds")
          .help("Time that a trainer computed on one unit.")
          .labelNames("trainer")
          .classicOnly()
          .classicExponentialUpperBounds(0.001, 2, 18)
          .register(registry);
  private final Counter pushes =
      Counter.builder()
          .name("server_push_total")
          .help("Pushes, by what was decided about them.")
          .labelNames("result")
          .register(registry);
  private final Histogram staleness =
      Histogram.builder()
          .name("server_staleness")
          .help("Versions between the parameters that a push was computed at and the present ones.")
          .classicOnly()
          .classicUpperBounds(0, 1, 2, 4, 8, 16, 32)
          .register(registry);
  private final Gauge version = gauge("server_version", "Updates applied.");
  private final Gauge images = gauge("run_images", "Images seen; the clock of the run.");
  private final Gauge imagesPerSecond =
      gauge("run_images_per_second", "Images a second over the last half minute.");
  private final Gauge loss = gauge("run_loss", "Mean loss of the latest update.");
  private final Gauge trainers = gauge("run_trainers", "Trainers that take part.");
  private final Gauge evaluations =
      gauge("evaluations_under_way", "Tracks of versions that are being evaluated.");
  private final Gauge score =
      Gauge.builder()
          .name("score")
          .help("The latest score of its kind; lower is better.")
          .labelNames("metric", "track", "sampler", "steps")
          .register(registry);

  /** All at zero. */
  public RunMetrics() {
    JvmMetrics.builder().register(registry);
  }

  private Gauge gauge(String name, String help) {
    return Gauge.builder().name(name).help(help).register(registry);
  }

  /** A push was judged at a version. */
  public void judged(Staged push, Verdict verdict, long presentVersion) {
    pushes.labelValues(verdict.name().toLowerCase(Locale.ROOT)).inc();
    staleness.observe(Math.max(0, presentVersion - push.baseVersion()));
    if (verdict == Verdict.ACCEPTED) {
      String trainer = push.push().trainer();
      trainerSteps.labelValues(trainer).inc();
      trainerImages.labelValues(trainer).inc(push.images());
      stepSeconds.labelValues(trainer).observe(push.report().computeSeconds());
    }
  }

  /** An update is applied. */
  public void published(Published published, double speed, double newLoss, int newTrainers) {
    version.set(published.version());
    images.set(published.images());
    imagesPerSecond.set(speed);
    loss.set(newLoss);
    trainers.set(newTrainers);
  }

  /** So many tracks of versions are being evaluated. */
  public void evaluating(int tracks) {
    evaluations.set(tracks);
  }

  /** Scores came in. */
  public void scored(List<Score> scores) {
    for (Score one : scores) {
      score
          .labelValues(one.metric(), one.track(), one.sampler(), Integer.toString(one.steps()))
          .set(one.value());
    }
  }

  /** Everything in Prometheus's text format. */
  public String text() {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      PrometheusTextFormatWriter.create().write(out, registry.scrape(), EscapingScheme.DEFAULT);
      return out.toString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
