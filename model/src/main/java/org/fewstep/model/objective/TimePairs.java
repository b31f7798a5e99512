package org.fewstep.model.objective;

import org.fewstep.model.interpolant.Schedule;
import org.fewstep.model.random.CounterRandom;

/**
 * How the two times of a consistency pair are drawn. Noise is that beside data of full size, {@code
 * sigmaData sigma_t / alpha_t}, the papers' t.
 */
@FunctionalInterface
public interface TimePairs {
  /**
   * A state's time and the smaller time of its target.
   *
   * @param r at least tMin
   */
  record Pair(double t, double r) {}

  /**
   * Draws a pair.
   *
   * @param progress share of the run that is over, in [0, 1]
   */
  Pair draw(CounterRandom random, double progress);

  /**
   * Times between noises.
   *
   * @param tMin smallest time, eps
   * @param tMax largest time, T
   */
  record Range(Schedule schedule, double sigmaData, double tMin, double tMax) {
    private static final double RHO = 7;

    double noise(double t) {
      return sigmaData * schedule.noiseToSignal(t);
    }

    double timeOf(double noise) {
      return Math.min(Math.max(schedule.timeAt(noise / sigmaData), tMin), tMax);
    }

    /** Noise of point i of 0 .. intervals, evenly in its seventh root (Karras et al. 2022). */
    double gridNoise(int i, int intervals) {
      double low = Math.pow(noise(tMin), 1 / RHO);
      double high = Math.pow(noise(tMax), 1 / RHO);
      return Math.pow(low + (high - low) * i / intervals, RHO);
    }

    /** One over the difference of a pair's noises; 0 where there is none. */
    public double inverseGap(Pair pair) {
      double gap = noise(pair.t()) - noise(pair.r());
      return gap > 0 ? 1 / gap : 0;
    }

    Pair neighbours(int i, int intervals) {
      return new Pair(
          i + 1 == intervals ? tMax : timeOf(gridNoise(i + 1, intervals)),
          i == 0 ? tMin : timeOf(gridNoise(i, intervals)));
    }
  }

  /**
   * CT: neighbours on a grid drawn evenly; it has {@code ceil(sqrt(p ((s1+1)^2 - s0^2) + s0^2) -
   * 1)} intervals after a share p of the run (Song, Dhariwal, Chen, Sutskever, "Consistency
   * models", ICML 2023, appendix C).
   */
  static TimePairs ct(Range range, int s0, int s1) {
    return (random, progress) -> {
      double square = progress * ((s1 + 1.0) * (s1 + 1.0) - (double) s0 * s0) + (double) s0 * s0;
      int intervals = Math.max(1, (int) Math.ceil(Math.sqrt(square) - 1));
      return range.neighbours(random.nextInt(intervals), intervals);
    };
  }

  /**
   * iCT: neighbours on a grid whose intervals double from s0 to s1, drawn with the probability that
   * a log-normal noise falls between them (Song, Dhariwal, "Improved techniques for training
   * consistency models", ICLR 2024, section 3).
   */
  static TimePairs ict(Range range, int s0, int s1, double mean, double deviation) {
    int most = 1000;
    double stages = Math.log((double) (s1 / s0)) / Math.log(2) + 1;
    return (random, progress) -> {
      int doublings = (int) Math.min(30, Math.floor(progress * stages));
      int intervals = (int) Math.min((long) s0 << doublings, s1);
      double low = range.noise(range.tMin());
      double high = range.noise(range.tMax());
      // A law that hardly ever falls into the range would be drawn for ever.
      double noise = low;
      for (int i = 0; i < most; i++) {
        noise = Math.exp(mean + deviation * random.nextGaussian());
        if (noise >= low && noise < high) {
          break;
        }
      }
      noise = Math.min(Math.max(noise, low), high);
      double place =
          (Math.pow(noise, 1 / Range.RHO) - Math.pow(low, 1 / Range.RHO))
              / (Math.pow(high, 1 / Range.RHO) - Math.pow(low, 1 / Range.RHO));
      return range.neighbours((int) Math.min(place * intervals, intervals - 1.0), intervals);
    };
  }

  /**
   * ECT: a log-normal noise t and {@code r = t max(0, 1 - q^-(stage+1) (1 + k sigmoid(-b t)))}
   * (Geng, Pokle, Luo, Lin, Kolter, "Consistency models made easy", ICLR 2025); where r is 0 the
   * target is the state at tMin.
   */
  static TimePairs ect(
      Range range, double mean, double deviation, int stages, double q, double k, double b) {
    return (random, progress) -> {
      double low = range.noise(range.tMin());
      double high = range.noise(range.tMax());
      double drawn = Math.exp(mean + deviation * random.nextGaussian());
      double noise = Math.min(Math.max(drawn, low), high);
      int stage = (int) Math.min(Math.floor(progress * stages), stages - 1.0);
      double gap = Math.pow(q, -(stage + 1)) * (1 + k / (1 + Math.exp(b * noise)));
      double target = noise * Math.max(0, 1 - gap);
      return new Pair(range.timeOf(noise), Math.min(range.timeOf(target), range.timeOf(noise)));
    };
  }
}
