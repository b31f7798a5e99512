package org.fewstep.actors.coordinator;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which pieces of work are free, leased or counted; where a push covers one unit, a piece is a unit
 * and is called so here. Leases are ranges within one update, the lowest free unit first; what was
 * returned or ran out is leased again before anything new. A unit may be computed twice because of
 * that, which does no harm: the sequencer counts it once.
 *
 * <p>Belongs to one thread; the caller brings the time.
 */
public final class LeaseTable {
  private final int unitsPerUpdate;
  private final long endUnit;
  private final TreeSet<Long> returned = new TreeSet<>();
  private final Map<Long, Lease> leased = new TreeMap<>();
  private long nextUnit;
  private long openUntil;
  private long lastLease;

  /**
   * A range of units that somebody works on.
   *
   * @param id counts the leases from 1
   * @param holder who asked for it
   * @param deadlineMillis when it runs out
   */
  public record Lease(long id, String holder, long firstUnit, int units, long deadlineMillis) {}

  /**
   * A table in which nothing is leased and nothing may be leased yet.
   *
   * @param firstUnit the first unit of the run
   * @param endUnit the unit after its last one
   * @param unitsPerUpdate U; a lease never reaches over a multiple of it
   */
  public LeaseTable(long firstUnit, long endUnit, int unitsPerUpdate) {
    this.nextUnit = firstUnit;
    this.openUntil = firstUnit;
    this.endUnit = endUnit;
    this.unitsPerUpdate = unitsPerUpdate;
  }

  /** Lets the units before this one be leased; the window never shrinks. */
  public void openUntil(long unit) {
    openUntil = Math.max(openUntil, Math.min(unit, endUnit));
  }

  /**
   * Leases the lowest free units.
   *
   * @param wanted how many at most
   * @param validMillis until the lease runs out
   * @return nothing when no unit is free
   */
  public Optional<Lease> lease(String holder, int wanted, long nowMillis, long validMillis) {
    long first = returned.isEmpty() ? nextUnit : returned.first();
    if (wanted < 1 || !isFree(first)) {
      return Optional.empty();
    }
    long endOfUpdate = (first / unitsPerUpdate + 1) * unitsPerUpdate;
    int units = 0;
    while (units < wanted && first + units < endOfUpdate && isFree(first + units)) {
      take(first + units);
      units++;
    }
    Lease lease = new Lease(++lastLease, holder, first, units, nowMillis + validMillis);
    for (long unit = first; unit < first + units; unit++) {
      leased.put(unit, lease);
    }
    return Optional.of(lease);
  }

  private boolean isFree(long unit) {
    return returned.contains(unit) || (unit >= nextUnit && unit < openUntil);
  }

  private void take(long unit) {
    if (!returned.remove(unit)) {
      nextUnit = unit + 1;
    }
  }

  /** The unit is counted; nobody needs to work on it any more. */
  public void counted(long unit) {
    for (; nextUnit <= unit; nextUnit++) {
      returned.add(nextUnit);
    }
    returned.remove(unit);
    leased.remove(unit);
  }

  /** Frees a unit that was counted, because it is to be computed once more. */
  public void countNoMore(long unit) {
    if (unit < nextUnit && !leased.containsKey(unit)) {
      returned.add(unit);
    }
  }

  /** Frees a leased unit; one that is free or counted stays so. */
  public void giveBack(long unit) {
    if (leased.remove(unit) != null) {
      returned.add(unit);
    }
  }

  /** Frees whatever a holder has leased. */
  public void giveBackAll(String holder) {
    freeIf(lease -> lease.holder().equals(holder));
  }

  /**
   * Frees the units of leases that have run out.
   *
   * @return how many units that were
   */
  public int expire(long nowMillis) {
    return freeIf(lease -> lease.deadlineMillis() <= nowMillis);
  }

  private int freeIf(Predicate<Lease> condition) {
    int before = leased.size();
    leased
        .entrySet()
        .removeIf(entry -> condition.test(entry.getValue()) && returned.add(entry.getKey()));
    return before - leased.size();
  }
}
