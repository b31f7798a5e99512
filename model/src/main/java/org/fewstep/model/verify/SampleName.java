package org.fewstep.model.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.fewstep.config.UserException;
import org.fewstep.model.sampler.Sampler;
import org.fewstep.model.sampler.TimeGrid;
import org.jspecify.annotations.Nullable;

/** What stands in a name such as {@code pushforward.mid_nt_1.4.2.cfg_none}. */
record SampleName(Sampler sampler, TimeGrid grid, int steps, @Nullable Double guidance) {
  static SampleName parse(String name) {
    int firstDot = name.indexOf('.');
    int cfg = name.lastIndexOf(".cfg_");
    int stepsDot = cfg < 0 ? -1 : name.lastIndexOf('.', cfg - 1);
    if (stepsDot <= firstDot) {
      throw new UserException("the golden sample '" + name + "' has a name that is not known");
    }
    String grid = name.substring(firstDot + 1, stepsDot);
    String guidance = name.substring(cfg + ".cfg_".length());
    return new SampleName(
        Sampler.valueOf(name.substring(0, firstDot).toUpperCase(Locale.ROOT)),
        grid(grid),
        Integer.parseInt(name.substring(stepsDot + 1, cfg)),
        guidance.equals("none") ? null : Double.valueOf(guidance));
  }

  private static TimeGrid grid(String name) {
    if (name.startsWith("mid_nt_")) {
      List<Double> values = new ArrayList<>();
      for (String value : name.substring("mid_nt_".length()).split("_", -1)) {
        values.add(Double.valueOf(value));
      }
      return new TimeGrid.Explicit(values);
    }
    return switch (name) {
      case "uniform" -> TimeGrid.UNIFORM;
      case "edm" -> TimeGrid.EDM;
      default -> throw new UserException("the time grid '" + name + "' is not known");
    };
  }
}
