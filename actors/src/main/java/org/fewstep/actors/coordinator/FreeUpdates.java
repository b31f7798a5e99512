package org.fewstep.actors.coordinator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.stream.LongStream;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.ServerMessage.Blend;
import org.fewstep.protocol.Verdict;

/**
 * An update takes the pushes that come first, whichever pieces they cover and at whatever version
 * they were computed, unless more versions have passed since than may. Nobody waits for a piece;
 * the run is over when each has counted once, so the last update may have fewer pushes.
 *
 * <p>With n the images of a push and w the weight of its staleness, an update is the mean of its
 * pushes under the weights n w, and its step has the factor sum(n w) / sum(n): what a push adds to
 * a step of plain gradient descent is thus w times what it would have added if it were fresh.
 */
final class FreeUpdates implements Gathering {
  private final RunPlan plan;
  private final UpdateRule.Free rule;
  private final Pieces pieces;
  private final BitSet counted = new BitSet();
  private final BitSet held = new BitSet();
  private final Deque<Staged> accepted = new ArrayDeque<>();
  private final DecidedRounds decidedRounds = new DecidedRounds();
  private long oldestBase;
  private boolean ended;

  /**
   * Starts where units are counted already.
   *
   * @param startUnits how many
   * @param unitsAhead those of them that lie above one that is not counted, in ranges
   */
  FreeUpdates(RunPlan plan, UpdateRule.Free rule, long startUnits, List<Long> unitsAhead) {
    this.plan = plan;
    this.rule = rule;
    long ahead = 0;
    long behindAhead = 0;
    for (int i = 0; i < unitsAhead.size(); i += 2) {
      ahead += unitsAhead.get(i + 1) - unitsAhead.get(i);
      behindAhead = unitsAhead.get(i + 1);
    }
    long imagesLeft = Math.max(0, plan.totalImages() - startUnits * plan.unitImages());
    long updatesLeft = (imagesLeft + plan.batchImages() - 1) / plan.batchImages();
    this.pieces =
        new Pieces(
            startUnits - ahead,
            Math.max(behindAhead, startUnits + updatesLeft * plan.unitsPerUpdate()),
            plan.unitsPerPush());
    for (int i = 0; i < unitsAhead.size(); i += 2) {
      for (long unit = unitsAhead.get(i); unit < unitsAhead.get(i + 1); ) {
        long piece = pieces.beginningWith(unit);
        if (piece < 0) {
          throw new IllegalArgumentException(
              "unit %d is counted already, but begins no piece of %s".formatted(unit, pieces));
        }
        counted.set((int) piece);
        unit += pieces.units(piece);
      }
    }
  }

  @Override
  public Pieces pieces() {
    return pieces;
  }

  /** Pieces that are counted. */
  List<Long> counted() {
    return counted.stream().mapToObj(piece -> (long) piece).toList();
  }

  @Override
  public Verdict verdict(Staged push, long version) {
    if (decidedRounds.contains(push.push())) {
      return Verdict.DUPLICATE;
    }
    if (isOver(version)) {
      return Verdict.STALE;
    }
    int piece = (int) pieces.beginningWith(push.unit());
    if (piece < 0
        || push.baseVersion() > version
        || push.images() != (long) pieces.units(piece) * plan.unitImages()) {
      return Verdict.WRONG_UNIT;
    }
    if (counted.get(piece) || held.get(piece)) {
      return Verdict.DUPLICATE;
    }
    return push.baseVersion() < oldestBase || version - push.baseVersion() > rule.stalenessMax()
        ? Verdict.STALE
        : Verdict.ACCEPTED;
  }

  @Override
  public void accept(Staged push) {
    accepted.addLast(push);
    held.set((int) pieces.beginningWith(push.unit()));
    decidedRounds.add(push.push());
  }

  @Override
  public void refuse(Staged push) {
    decidedRounds.add(push.push());
  }

  @Override
  public boolean isComplete() {
    return !accepted.isEmpty()
        && (accepted.size() >= plan.pushesPerUpdate()
            || counted.cardinality() + accepted.size() == pieces.count());
  }

  @Override
  public boolean isOver(long version) {
    return ended || counted.cardinality() == pieces.count();
  }

  @Override
  public boolean nextIsLast(long version) {
    return counted.cardinality() + Math.min(accepted.size(), plan.pushesPerUpdate())
        == pieces.count();
  }

  @Override
  public long nextImages() {
    return accepted.stream().limit(plan.pushesPerUpdate()).mapToLong(Staged::images).sum();
  }

  @Override
  public long fullImages() {
    long missing = Math.max(0, plan.pushesPerUpdate() - accepted.size());
    long unitsLeft =
        LongStream.range(0, pieces.count())
            .filter(piece -> !counted.get((int) piece) && !held.get((int) piece))
            .map(pieces::units)
            .sum();
    return nextImages() + Math.min(missing * plan.unitsPerPush(), unitsLeft) * plan.unitImages();
  }

  @Override
  public Taken take(long version) {
    List<Staged> pushes = new ArrayList<>();
    List<Long> staleness = new ArrayList<>();
    List<Long> passed = new ArrayList<>();
    while (pushes.size() < plan.pushesPerUpdate() && !accepted.isEmpty()) {
      Staged push = accepted.removeFirst();
      pushes.add(push);
      staleness.add(version - push.baseVersion());
      passed.add(count(push.unit()));
    }
    return new Taken(
        pushes,
        staleness,
        blend(pushes, staleness),
        pushes.stream().mapToLong(Staged::images).sum(),
        passed,
        List.of());
  }

  private long count(long unit) {
    long piece = pieces.beginningWith(unit);
    held.clear((int) piece);
    counted.set((int) piece);
    return piece;
  }

  private Blend blend(List<Staged> pushes, List<Long> staleness) {
    List<Double> weights = new ArrayList<>();
    long images = 0;
    for (int i = 0; i < pushes.size(); i++) {
      weights.add(pushes.get(i).images() * rule.weight().at(staleness.get(i)));
      images += pushes.get(i).images();
    }
    double factor = weights.stream().mapToDouble(w -> w).sum() / images;
    boolean even = weights.stream().distinct().count() == 1;
    return new Blend(even ? List.of() : weights, factor);
  }

  /** Passes over one piece; to go back, also drops what was gathered and what is under way. */
  @Override
  public Taken passOver(long unit, long version, boolean goBack) {
    List<Staged> dropped = new ArrayList<>();
    List<Long> again = new ArrayList<>();
    if (goBack) {
      oldestBase = version + 1;
      dropped.addAll(accepted);
      accepted.forEach(push -> again.add(pieces.beginningWith(push.unit())));
      accepted.clear();
      held.clear();
    }
    long piece = count(unit);
    return new Taken(
        dropped,
        List.of(),
        Blend.EVEN,
        (long) pieces.units(piece) * plan.unitImages(),
        List.of(piece),
        again);
  }

  @Override
  public void end(long version) {
    ended = true;
  }

  @Override
  public List<Long> unitsAhead() {
    List<Long> ranges = new ArrayList<>();
    int first = counted.nextSetBit(counted.nextClearBit(0));
    while (first >= 0) {
      int behind = counted.nextClearBit(first);
      ranges.add(pieces.firstUnit(first));
      ranges.add(pieces.firstUnit(behind));
      first = counted.nextSetBit(behind);
    }
    return ranges;
  }
}
