package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;

/** Values that had another name once: settings that were saved under it must stay readable. */
final class FormerNames {
  private static final String RULE = "exchange.rule";

  private FormerNames() {}

  /** The same settings under the present names. */
  static Config replaced(Config config) {
    if (!config.hasPath(RULE) || !"gradient".equals(config.getValue(RULE).unwrapped())) {
      return config;
    }
    return config.withValue(
        RULE,
        ConfigValueFactory.fromAnyRef("synchronous").withOrigin(config.getValue(RULE).origin()));
  }
}
