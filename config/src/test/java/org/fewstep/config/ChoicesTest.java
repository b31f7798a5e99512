package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ChoicesTest {

  @ParameterizedTest
  @EnumSource
  void shouldParseEveryNameItGives(ParameterisationConfig.Kind kind) {
    assertThat(Choices.parse(ParameterisationConfig.Kind.class, Choices.nameOf(kind), "kind"))
        .isEqualTo(kind);
  }

  @Test
  void shouldListTheChoicesWhenTheNameIsNone() {
    assertThatThrownBy(() -> Choices.parse(TimeGrid.class, "cubic", "--time-grid"))
        .isInstanceOf(UserException.class)
        .hasMessage("--time-grid must be one of uniform, edm, but is \"cubic\"");
  }
}
