package org.fewstep.actors.coordinator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.LongStream;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ServerMessage.Blend;
import org.fewstep.protocol.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Update v takes the units v*U .. v*U+U-1, each computed at version v, whoever computed it and
 * whenever it came in; it is complete when every one of its units has been accepted once, and lists
 * them by index, which is the order in which their gradients are summed. So neither the number of
 * trainers nor the order of arrival changes a version.
 */
final class SynchronousUpdates implements Gathering {
  private final RunPlan plan;
  private final Pieces pieces;
  private final Set<PushId> decidedRounds = new HashSet<>();
  private long lastVersion;
  private @Nullable Staged[] accepted;
  private int acceptedUnits;

  SynchronousUpdates(RunPlan plan, long lastVersion) {
    this.plan = plan;
    this.lastVersion = lastVersion;
    this.pieces = new Pieces(0, lastVersion * plan.unitsPerUpdate(), 1);
    this.accepted = new Staged[plan.unitsPerUpdate()];
  }

  @Override
  public Pieces pieces() {
    return pieces;
  }

  @Override
  public Verdict verdict(Staged push, long version) {
    if (decidedRounds.contains(push.push())) {
      return Verdict.DUPLICATE;
    }
    if (isOver(version) || push.baseVersion() < version) {
      return Verdict.STALE;
    }
    if (push.baseVersion() > version
        || push.unit() / plan.unitsPerUpdate() != version
        || push.images() != plan.unitImages()) {
      return Verdict.WRONG_UNIT;
    }
    return accepted[slot(push)] == null ? Verdict.ACCEPTED : Verdict.DUPLICATE;
  }

  private int slot(Staged push) {
    return (int) (push.unit() % plan.unitsPerUpdate());
  }

  @Override
  public void accept(Staged push) {
    accepted[slot(push)] = push;
    acceptedUnits++;
    decidedRounds.add(push.push());
  }

  @Override
  public void refuse(Staged push) {
    decidedRounds.add(push.push());
  }

  @Override
  public boolean isComplete() {
    return acceptedUnits == accepted.length;
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
    List<Staged> pushes = new ArrayList<>();
    for (Staged push : accepted) {
      if (push == null) {
        throw new IllegalStateException("UNIT-1: update " + version + " lacks a unit");
      }
      pushes.add(push);
    }
    return next(pushes, version);
  }

  @Override
  public Taken passOver(long unit, long version, boolean goBack) {
    return next(Arrays.stream(accepted).filter(Objects::nonNull).toList(), version);
  }

  private Taken next(List<Staged> pushes, long version) {
    accepted = new Staged[accepted.length];
    acceptedUnits = 0;
    decidedRounds.clear();
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
