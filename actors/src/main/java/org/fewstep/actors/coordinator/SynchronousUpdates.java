package org.fewstep.actors.coordinator;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage.Blend;
import org.fewstep.protocol.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Update v takes the units v*U .. v*U+U-1, each computed at version v less the delay, whoever
 * computed it and whenever it came in; it is complete when every one of its units has been accepted
 * once, and lists them by index, which is the order in which their gradients are summed. So neither
 * the number of trainers nor the order of arrival changes a version.
 *
 * <p>With a delay, as many updates behind the coming one are open to pushes: their units need no
 * version that is not there.
 */
final class SynchronousUpdates implements Gathering {
  private final RunPlan plan;
  private final Pieces pieces;
  private final Map<Long, Staged[]> accepted = new HashMap<>();

  /** With the update that each is part of. */
  private final Map<PushId, Long> decidedRounds = new HashMap<>();

  private long coming;
  private long lastVersion;

  /**
   * Updates from a version on.
   *
   * @param version behind which they start
   * @param lastVersion that they lead to
   */
  SynchronousUpdates(RunPlan plan, long version, long lastVersion) {
    this.plan = plan;
    this.coming = version;
    this.lastVersion = lastVersion;
    this.pieces = new Pieces(0, lastVersion * plan.unitsPerUpdate(), 1);
  }

  @Override
  public Pieces pieces() {
    return pieces;
  }

  @Override
  public Verdict verdict(Staged push, long version) {
    if (decidedRounds.containsKey(push.push())) {
      return Verdict.DUPLICATE;
    }
    long update = update(push);
    boolean asLeased =
        push.baseVersion() == update - plan.delay(update) && push.images() == plan.unitImages();
    if (isOver(version)
        || push.baseVersion() < version - plan.delay(version)
        || (asLeased && update < version)) {
      return Verdict.STALE;
    }
    if (!asLeased || push.baseVersion() > version) {
      return Verdict.WRONG_UNIT;
    }
    return units(update)[slot(push)] == null ? Verdict.ACCEPTED : Verdict.DUPLICATE;
  }

  private long update(Staged push) {
    return push.unit() / plan.unitsPerUpdate();
  }

  private @Nullable Staged[] units(long update) {
    return accepted.computeIfAbsent(update, u -> new Staged[plan.unitsPerUpdate()]);
  }

  private int slot(Staged push) {
    return (int) (push.unit() % plan.unitsPerUpdate());
  }

  @Override
  public void accept(Staged push) {
    units(update(push))[slot(push)] = push;
    decidedRounds.put(push.push(), update(push));
  }

  @Override
  public void refuse(Staged push) {
    decidedRounds.put(push.push(), update(push));
  }

  @Override
  public boolean isOfComing(long unit) {
    return unit / plan.unitsPerUpdate() == coming;
  }

  @Override
  public boolean isComplete() {
    return Arrays.stream(units(coming)).allMatch(Objects::nonNull);
  }

  @Override
  public boolean isOver(long version) {
    return version >= lastVersion;
  }

  @Override
  public boolean nextIsLast(long version) {
    return version + 1 == lastVersion;
  }

  @Override
  public long nextImages() {
    return plan.batchImages();
  }

  @Override
  public long fullImages() {
    return plan.batchImages();
  }

  @Override
  public Taken take(long version) {
    List<Staged> pushes = pushes();
    if (pushes.size() != plan.unitsPerUpdate()) {
      throw new IllegalStateException("UNIT-1: update " + version + " lacks a unit");
    }
    return next(pushes, version);
  }

  @Override
  public Taken passOver(long unit, long version, boolean goBack) {
    return next(pushes(), version);
  }

  private List<Staged> pushes() {
    return Arrays.stream(units(coming)).filter(Objects::nonNull).toList();
  }

  private Taken next(List<Staged> pushes, long version) {
    accepted.remove(version);
    decidedRounds.values().removeIf(update -> update <= version);
    coming = version + 1;
    int units = plan.unitsPerUpdate();
    return new Taken(
        pushes,
        List.of(),
        Blend.EVEN,
        plan.batchImages(),
        LongStream.range(version * units, (version + 1) * units).boxed().toList(),
        List.of());
  }

  @Override
  public void end(long version) {
    lastVersion = version;
  }

  @Override
  public List<Long> unitsAhead() {
    return List.of();
  }
}
