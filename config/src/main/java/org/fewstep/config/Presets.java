package org.fewstep.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.List;

/** The ready-made runs that a user starts by name. */
public final class Presets {
  private static final List<String> NAMES =
      List.of(
          "cifar10",
          "emoji32",
          "fashion-mnist",
          "fashion-mnist-distill",
          "imagenet256",
          "mnist",
          "pictures32",
          "quickstart",
          "tiny",
          "toy-consistency",
          "toy-diffusion",
          "toy-edm",
          "toy-flow-matching",
          "toy-imm",
          "toy-moment-matching-alternating",
          "toy-moment-matching-instant",
          "toy-shortcut");

  private Presets() {}

  /** All names, sorted. */
  public static List<String> names() {
    return NAMES;
  }

  static Config parse(String name) {
    return ConfigFactory.parseString(
        Resources.text("presets/" + name + ".conf"), Origins.named("preset " + name));
  }

  /** The end of a sentence about a name that is none. */
  static String suggestionFor(String name) {
    return "presets are "
        + String.join(", ", NAMES)
        + " (nearest: "
        + Nearest.name(name, NAMES)
        + ")";
  }
}
