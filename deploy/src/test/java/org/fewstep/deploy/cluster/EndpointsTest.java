package org.fewstep.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.fewstep.actors.run.Endpoint;
import org.fewstep.config.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointsTest {
  @Test
  void shouldReadSeveralPlacesWhenTheyAreListed() {
    assertThat(Endpoints.parse("--join", "gpu1:7000, 10.0.0.5 ,[::1]:99,[::1]"))
        .containsExactly(
            new Endpoint("gpu1", 7000),
            new Endpoint("10.0.0.5", Endpoints.RUN_PORT),
            new Endpoint("[::1]", 99),
            new Endpoint("[::1]", Endpoints.RUN_PORT));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":7625", "host:", "host:0", "host:65536", "host:x", "a,,b", "a b:1"})
  void shouldSayWhatItExpectsWhenAPlaceIsNone(String text) {
    assertThatThrownBy(() -> Endpoints.parse("--join", text))
        .isInstanceOf(UserException.class)
        .hasMessageStartingWith("--join must be host:port, as in --join 10.0.0.5:7625, but is '");
  }

  @Test
  void shouldFindTheWayToThisMachineWhenTheSeedIsOnIt() {
    assertThat(Endpoints.hostTowards(new Endpoint("127.0.0.1", 9))).isEqualTo("127.0.0.1");
  }
}
