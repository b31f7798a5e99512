package org.fewstep.config;

import java.util.regex.Pattern;

/**
 * One exponential moving average of the parameters.
 *
 * @param halfLifeImages images after which a parameter's share has halved
 * @param rampUpRatio early in a run the half-life is at most this share of the images seen; 0 for
 *     no such bound
 */
public record EmaTrackConfig(String name, long halfLifeImages, double rampUpRatio) {
  /** The name under which the parameters themselves, unaveraged, are asked for. */
  public static final String LIVE = "live";

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]+");

  public EmaTrackConfig {
    if (!NAME.matcher(name).matches()) {
      throw new InvalidSetting(
          "name", "must consist of a-z, 0-9 and dashes, but is \"" + name + "\"");
    }
    if (name.equals(LIVE)) {
      throw new InvalidSetting(
          "name", "must not be \"live\", which stands for the parameters themselves");
    }
    Check.atLeast("half-life-images", halfLifeImages, 1);
    Check.notNegative("ramp-up-ratio", rampUpRatio);
  }
}
