package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class DefaultsTest {

  @Test
  void shouldDescribeEveryKeyThatARunHasAndNoOther() {
    Config all = ConfigFactory.parseString(Resources.text("defaults.conf"));
    var described = new TreeSet<String>();
    collect(
        all.withoutPath(Defaults.BY_KIND)
            .withoutPath(Defaults.EACH)
            .withoutPath(Defaults.BY_OBJECTIVE)
            .root(),
        "",
        described);
    for (Map.Entry<String, ConfigValue> group : all.getObject(Defaults.BY_KIND).entrySet()) {
      for (ConfigValue kind : ((ConfigObject) group.getValue()).values()) {
        collect((ConfigObject) kind, group.getKey(), described);
      }
    }
    for (Map.Entry<String, ConfigValue> list : all.getObject(Defaults.EACH).entrySet()) {
      collect((ConfigObject) list.getValue(), list.getKey(), described);
    }

    Set<String> leaves = new TreeSet<>(Keys.of(RunConfig.class).keySet());
    leaves.removeIf(
        key ->
            Keys.of(RunConfig.class).keySet().stream()
                .anyMatch(other -> other.startsWith(key + ".") && !key.equals("ema.tracks")));
    leaves.remove("pekko");
    assertThat(described).isEqualTo(leaves);
  }

  @Test
  void shouldLendAKindsDefaultsToThatKindOnly() {
    Config completed = new Defaults().complete(ConfigFactory.parseString("network.kind = another"));

    assertThat(completed.getObject("network")).containsOnlyKeys("kind");
  }

  @Test
  void shouldLendAnObjectivesDefaultsToOtherGroupsWhereARunSetsNothing() {
    Defaults defaults = new Defaults();

    assertThat(sampler(defaults, "objective.kind = consistency")).isEqualTo("restart");
    assertThat(sampler(defaults, "objective.kind = imm")).isEqualTo("pushforward");
    assertThat(sampler(defaults, "objective.kind = edm, evaluation.sampler = ddim"))
        .isEqualTo("ddim");
  }

  private static String sampler(Defaults defaults, String run) {
    return defaults.complete(ConfigFactory.parseString(run)).getString("evaluation.sampler");
  }

  @Test
  void shouldCompleteEveryElementOfAList() {
    Config completed =
        new Defaults()
            .complete(
                ConfigFactory.parseString(
                    "ema.tracks = [{ name = a, half-life-images = 1 }, { name = b, ramp-up-ratio = 2"
                        + " }]"));

    assertThat(completed.getConfigList("ema.tracks"))
        .extracting(track -> track.getDouble("ramp-up-ratio"))
        .containsExactly(0.0, 2.0);
  }

  private static void collect(ConfigObject object, String path, Set<String> described) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String key = Keys.join(path, entry.getKey());
      if (entry.getValue() instanceof ConfigObject group) {
        collect(group, key, described);
      } else {
        assertThat(entry.getValue().origin().comments()).as(key + "'s description").isNotEmpty();
        described.add(key);
      }
    }
  }
}
