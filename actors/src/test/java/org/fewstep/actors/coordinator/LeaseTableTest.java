package org.fewstep.actors.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.fewstep.actors.coordinator.LeaseTable.Lease;
import org.junit.jupiter.api.Test;

class LeaseTableTest {
  private static final long VALID = 100;

  private final LeaseTable table = open(new LeaseTable(8, 20, 4), 20);

  @Test
  void shouldLeaseRangesWithinOneUpdateWhenUnitsAreFree() {
    assertThat(table.lease("a", 3, 0, VALID)).contains(new Lease(1, "a", 8, 3, 100));
    assertThat(table.lease("b", 3, 5, VALID)).contains(new Lease(2, "b", 11, 1, 105));
    assertThat(table.lease("a", 9, 0, VALID)).contains(new Lease(3, "a", 12, 4, 100));
    assertThat(table.lease("a", 9, 0, VALID)).contains(new Lease(4, "a", 16, 4, 100));
    assertThat(table.lease("a", 9, 0, VALID)).isEmpty();
  }

  @Test
  void shouldLeaseNothingWhenTheWindowIsClosed() {
    LeaseTable closed = new LeaseTable(8, 20, 4);

    assertThat(closed.lease("a", 4, 0, VALID)).isEmpty();
    closed.openUntil(10);
    closed.openUntil(9);
    assertThat(units(closed.lease("a", 4, 0, VALID))).containsExactly(8L, 9L);
    closed.openUntil(1000);
    assertThat(units(closed.lease("a", 4, 0, VALID))).containsExactly(10L, 11L);
  }

  @Test
  void shouldLeaseTheLowestAgainFirstWhenUnitsCameBack() {
    table.lease("a", 4, 0, VALID);
    table.lease("b", 4, 0, VALID);

    table.giveBack(13);
    table.giveBack(10);
    table.giveBack(9);
    table.giveBack(9);

    assertThat(units(table.lease("c", 4, 0, VALID))).containsExactly(9L, 10L);
    assertThat(units(table.lease("c", 4, 0, VALID))).containsExactly(13L);
    assertThat(units(table.lease("c", 4, 0, VALID))).containsExactly(16L, 17L, 18L, 19L);
  }

  @Test
  void shouldLeaseAgainWhenALeaseRanOut() {
    table.lease("a", 2, 0, VALID);
    table.lease("b", 2, 50, VALID);
    table.counted(8);

    assertThat(table.expire(99)).isZero();
    assertThat(table.expire(100)).isEqualTo(1);
    assertThat(units(table.lease("c", 4, 100, VALID))).containsExactly(9L);
  }

  @Test
  void shouldFreeWhatAHolderHadWhenItIsGone() {
    table.lease("a", 2, 0, VALID);
    table.lease("b", 2, 0, VALID);

    table.giveBackAll("a");

    assertThat(units(table.lease("c", 4, 0, VALID))).containsExactly(8L, 9L);
  }

  @Test
  void shouldNotLeaseAUnitAgainWhenItIsCounted() {
    table.lease("a", 4, 0, VALID);
    table.counted(9);
    table.giveBack(9);
    table.giveBackAll("a");
    table.counted(10);

    assertThat(units(table.lease("b", 4, 0, VALID))).containsExactly(8L);
    assertThat(units(table.lease("b", 4, 0, VALID))).containsExactly(11L);
  }

  @Test
  void shouldLeaveAUnitOutWhenItWasCountedWithoutALease() {
    table.counted(9);

    assertThat(units(table.lease("a", 4, 0, VALID))).containsExactly(8L);
    assertThat(units(table.lease("a", 4, 0, VALID))).containsExactly(10L, 11L);
  }

  @Test
  void shouldHaveEveryUnitCountedWhenHoldersComeAndGo() {
    Random random = new Random(3);
    LeaseTable busy = open(new LeaseTable(0, 400, 4), 400);
    TreeSet<Long> counted = new TreeSet<>();
    for (long now = 0; counted.size() < 400; now++) {
      String holder = "holder-" + random.nextInt(3);
      List<Long> units = units(busy.lease(holder, 1 + random.nextInt(5), now, 3));
      assertThat(units).noneMatch(counted::contains);
      switch (random.nextInt(4)) {
        case 0 -> busy.giveBackAll(holder);
        case 1 -> busy.expire(now);
        default ->
            units.forEach(
                unit -> {
                  busy.counted(unit);
                  counted.add(unit);
                });
      }
    }
    assertThat(counted).hasSize(400);
    assertThat(busy.lease("last", 1, 0, VALID)).isEmpty();
  }

  private static LeaseTable open(LeaseTable table, long unit) {
    table.openUntil(unit);
    return table;
  }

  private static List<Long> units(Optional<Lease> lease) {
    List<Long> units = new ArrayList<>();
    lease.ifPresent(
        l -> {
          for (long unit = l.firstUnit(); unit < l.firstUnit() + l.units(); unit++) {
            units.add(unit);
          }
        });
    return units;
  }
}
