package org.fewstep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import org.junit.jupiter.api.Test;

class BinderTest {
  public sealed interface Shape {
    record Circle(double radius) implements Shape {}

    record Square(double sideLength) implements Shape {}
  }

  public record Drawing(Shape shape) {}

  @Test
  void shouldChooseTheRecordThatTheKindNames() {
    assertThat(bind("shape { kind = circle, radius = 2 }"))
        .isEqualTo(new Drawing(new Shape.Circle(2)));
    assertThat(bind("shape { kind = square, side-length = 3 }"))
        .isEqualTo(new Drawing(new Shape.Square(3)));
  }

  @Test
  void shouldRefuseAKeyOfAnotherKind() {
    assertThatThrownBy(() -> bind("shape { kind = circle, radius = 2, side-length = 3 }"))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(" belongs to another kind than circle, which is chosen");
  }

  @Test
  void shouldListTheKindsWhenNoneIsMeant() {
    assertThatThrownBy(() -> bind("shape { kind = blob }"))
        .isInstanceOf(UserException.class)
        .hasMessageEndingWith("must be one of circle, square, but is \"blob\"");
  }

  private static Drawing bind(String text) {
    return Binder.bind(Drawing.class, ConfigFactory.parseString(text));
  }
}
