package org.fewstep.actors.coordinator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.ScheduleReply;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Effect;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * Decides, in one place and one order, what becomes of every push: no actor, no clock, no chance.
 *
 * <p>The rule is synchronous. Update v takes the units v*U .. v*U+U-1, each computed at version v,
 * whoever computed it and whenever it came in; the update is complete when every one of its units
 * has been accepted once, and lists them by index, which is the order in which their gradients are
 * summed. So neither the number of trainers nor the order of arrival changes a version.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>PUSH-1: a trainer's round is applied at most once. A round that was decided in the present
 *       update is remembered and is a duplicate from then on; one of an earlier update is stale.
 *   <li>UNIT-1: each unit is counted exactly once. An update has one place per unit, filled once,
 *       and is applied only when all are filled; an update that is left out counts none of its
 *       units.
 * </ul>
 *
 * <p>A unit is a function of its index and of the parameters, so a unit whose gradient is not
 * finite stays so as long as these do. Its update is left out: the clock goes on, the parameters
 * stay. When the very next update cannot be made either, the parameters are to blame, and go back
 * to a checkpoint from before they were made, while the clock still goes on, so that the units
 * which led here are not seen again.
 */
public final class Sequencer {
  private static final int JOURNAL_ENTRIES = 256;

  private final RunPlan plan;
  private final long epoch;
  private final long startVersion;
  private final long startImages;
  private final Map<String, Long> admitted = new HashMap<>();
  private final Deque<JournalEntry> journal = new ArrayDeque<>();

  private final EvaluationPlanner planner;
  private long version;
  private long lastVersion;
  private long savedVersion;
  private long lastLeftOut = -1;
  private int leftOut;

  private final Set<PushId> decidedRounds = new HashSet<>();
  private final Map<Long, Integer> notFinite = new HashMap<>();
  private @Nullable Staged[] accepted;
  private int acceptedUnits;

  /**
   * An update, decided.
   *
   * @param reports of its units, in the order of the pushes
   */
  public record Update(Decision decision, List<UnitReport> reports) {}

  /**
   * Starts behind a version.
   *
   * @param schedule keeps the version it has
   * @param epoch of the parameters; pushes computed in another one are refused
   * @param startVersion updates applied so far
   * @param startImages images those updates saw
   */
  public Sequencer(
      RunPlan plan, EvaluationSchedule schedule, long epoch, long startVersion, long startImages) {
    this.plan = plan;
    this.planner = new EvaluationPlanner(schedule);
    this.epoch = epoch;
    this.startVersion = startVersion;
    this.startImages = startImages;
    this.version = startVersion;
    long imagesLeft = Math.max(0, plan.totalImages() - startImages);
    this.lastVersion = startVersion + (imagesLeft + plan.batchImages() - 1) / plan.batchImages();
    // What a run starts from lies in the checkpoint it was read from, unless it starts from
    // nothing.
    this.savedVersion = startVersion > 0 ? startVersion : -1;
    this.accepted = new Staged[plan.unitsPerUpdate()];
  }

  /** Lets a trainer's pushes count from now on, whichever of its lives they come from. */
  public void admit(String trainer, long incarnation) {
    admitted.merge(trainer, incarnation, Math::max);
  }

  /** Decides about a push. An accepted one holds its unit's place in the coming version. */
  public Verdict judge(Staged push) {
    Verdict verdict = verdict(push);
    if (verdict == Verdict.ACCEPTED) {
      accepted[slot(push)] = push;
      acceptedUnits++;
    } else {
      note(new JournalEntry.TurnedAway(push.push(), push.unit(), verdict));
    }
    if (verdict == Verdict.NOT_FINITE) {
      notFinite.merge(push.unit(), 1, Integer::sum);
    }
    if (verdict == Verdict.ACCEPTED || verdict == Verdict.NOT_FINITE) {
      decidedRounds.add(push.push());
    }
    return verdict;
  }

  private Verdict verdict(Staged push) {
    Long incarnation = admitted.get(push.push().trainer());
    if (incarnation == null || push.push().incarnation() > incarnation) {
      return Verdict.NOT_ADMITTED;
    }
    if (push.epoch() != epoch) {
      return Verdict.WRONG_EPOCH;
    }
    if (decidedRounds.contains(push.push())) {
      return Verdict.DUPLICATE;
    }
    if (isOver() || push.baseVersion() < version) {
      return Verdict.STALE;
    }
    if (push.baseVersion() > version
        || push.unit() / plan.unitsPerUpdate() != version
        || push.images() != plan.unitImages()) {
      return Verdict.WRONG_UNIT;
    }
    if (accepted[slot(push)] != null) {
      return Verdict.DUPLICATE;
    }
    boolean finite = push.notFinite().isEmpty() && Double.isFinite(push.report().loss());
    return finite ? Verdict.ACCEPTED : Verdict.NOT_FINITE;
  }

  private int slot(Staged push) {
    return (int) (push.unit() % plan.unitsPerUpdate());
  }

  /** How often a unit of the present update was refused because of values that are not finite. */
  public int timesNotFinite(long unit) {
    return notFinite.getOrDefault(unit, 0);
  }

  /** Whether {@link #decide} has an update to give. */
  public boolean isComplete() {
    return !isOver() && acceptedUnits == accepted.length;
  }

  /** Moves to the next version once all of its units are there. */
  public Optional<Update> decide() {
    if (!isComplete()) {
      return Optional.empty();
    }
    List<PushId> pushes = new ArrayList<>();
    List<UnitReport> reports = new ArrayList<>();
    for (Staged staged : accepted) {
      if (staged == null) {
        throw new IllegalStateException("UNIT-1: update " + version + " lacks a unit");
      }
      pushes.add(staged.push());
      reports.add(staged.report());
    }
    Decision decision = next(pushes, Effect.APPLY);
    note(
        new JournalEntry.Applied(
            version,
            decision.pushes(),
            images(),
            decision.evaluation() != null,
            decision.checkpoint()));
    return Optional.of(new Update(decision, List.copyOf(reports)));
  }

  /**
   * Moves to the next version without its update.
   *
   * @param unit of the update, which cannot be computed
   */
  public Update leaveOut(long unit) {
    if (isOver()) {
      throw new IllegalStateException("no update is left to leave out");
    }
    List<PushId> dropped =
        Arrays.stream(accepted).filter(Objects::nonNull).map(Staged::push).toList();
    Effect effect =
        version > startVersion && lastLeftOut == version ? Effect.GO_BACK : Effect.LEAVE_OUT;
    Decision decision = next(dropped, effect);
    lastLeftOut = version;
    leftOut++;
    note(new JournalEntry.LeftOut(version, unit, effect));
    return new Update(decision, List.of());
  }

  private Decision next(List<PushId> pushes, Effect effect) {
    boolean save = nextIsSaved();
    EvaluationSchedule due = planner.take(images(), imagesAt(version + 1), nextIsLast());
    version++;
    if (save) {
      savedVersion = version;
    }
    accepted = new Staged[accepted.length];
    acceptedUnits = 0;
    decidedRounds.clear();
    notFinite.clear();
    EvaluationSchedule evaluation = due.entries().isEmpty() ? null : due;
    return new Decision(epoch, version, pushes, images(), evaluation, save, effect);
  }

  /** How many updates were left out since the start. */
  public int leftOut() {
    return leftOut;
  }

  /** A version that was to be saved is not. */
  public void saveFailed(long failedVersion) {
    if (savedVersion == failedVersion) {
      savedVersion = -1;
    }
  }

  /** Tells the time, which entries of the schedule may count in; it never goes back. */
  public void clock(long nowMillis) {
    planner.clock(nowMillis);
  }

  /** Whether the coming version is to be evaluated. */
  public boolean nextIsEvaluated() {
    return !isOver()
        && !planner.due(images(), imagesAt(version + 1), nextIsLast()).entries().isEmpty();
  }

  private boolean nextIsLast() {
    return version + 1 == lastVersion;
  }

  /** Whether the coming version is to be saved. */
  public boolean nextIsSaved() {
    long every = plan.checkpointEveryImages();
    return nextIsLast()
        || (every > 0 && imagesAt(version + 1) / every > imagesAt(version) / every)
        || (plan.saveEvaluated() && nextIsEvaluated());
  }

  /**
   * Ends the run at the present version; units that were accepted for the coming one are dropped.
   *
   * @return whether the present version still has to be saved, which is then taken as done
   */
  public boolean stop() {
    lastVersion = version;
    note(new JournalEntry.Stopped(version));
    boolean unsaved = savedVersion != version;
    savedVersion = version;
    return unsaved;
  }

  /** The evaluation schedule that holds. */
  public EvaluationSchedule schedule() {
    return planner.schedule();
  }

  /** Replaces the evaluation schedule if it still has the expected version. */
  public ScheduleReply replaceSchedule(long expectedVersion, EvaluationSchedule replacement) {
    if (schedule().version() != expectedVersion) {
      return new ScheduleReply.Conflict(schedule());
    }
    replaceSchedule(replacement);
    return new ScheduleReply.Replaced(schedule());
  }

  /** Pauses or resumes the evaluation schedule; that makes another version of it. */
  public void pauseSchedule(boolean paused) {
    if (schedule().paused() != paused) {
      replaceSchedule(schedule().withPaused(paused));
    }
  }

  private void replaceSchedule(EvaluationSchedule replacement) {
    planner.replace(replacement.withVersion(schedule().version() + 1));
    note(new JournalEntry.ScheduleReplaced(schedule().version()));
  }

  /**
   * Makes entries of the schedule fall due at the coming version.
   *
   * @param names of the entries; all when it is empty
   */
  public ScheduleReply evaluateNow(List<String> names) {
    if (isOver()) {
      return new ScheduleReply.Refused("the run makes no further version to evaluate");
    }
    List<String> known = schedule().entries().stream().map(EvaluationEntry::name).toList();
    if (known.isEmpty()) {
      return new ScheduleReply.Refused("the evaluation schedule has no entries");
    }
    for (String name : names) {
      if (!known.contains(name)) {
        return new ScheduleReply.Refused(
            "the evaluation schedule has no entry '%s'; it has %s"
                .formatted(name, String.join(", ", known)));
      }
    }
    EvaluationSchedule chosen =
        schedule().only(entry -> names.isEmpty() || names.contains(entry.name()));
    planner.order(chosen.entries());
    note(
        new JournalEntry.EvaluationOrdered(
            version + 1, chosen.entries().stream().map(EvaluationEntry::name).toList()));
    return new ScheduleReply.Ordered(version + 1, imagesAt(version + 1));
  }

  /**
   * Takes back what {@link #evaluateNow} ordered for the coming version.
   *
   * @return names of the entries
   */
  public List<String> dropOrders() {
    return planner.dropOrders().stream().map(EvaluationEntry::name).toList();
  }

  /** Evaluations that had fallen due will not be made. */
  public void cancelled(List<String> evaluations) {
    note(new JournalEntry.EvaluationsCancelled(List.copyOf(evaluations)));
  }

  /** The last version decided. */
  public long version() {
    return version;
  }

  /** The version at which the run ends. */
  public long lastVersion() {
    return lastVersion;
  }

  /** Whether no further version is to be made. */
  public boolean isOver() {
    return version >= lastVersion;
  }

  /** Images seen at the last version decided. */
  public long images() {
    return imagesAt(version);
  }

  private long imagesAt(long someVersion) {
    return startImages + (someVersion - startVersion) * plan.batchImages();
  }

  /** Share of the run that is done, from 0 to 1. */
  public double progress() {
    return Math.min(1, (double) images() / plan.totalImages());
  }

  /** The latest decisions, oldest first. */
  public List<JournalEntry> journal() {
    return List.copyOf(journal);
  }

  private void note(JournalEntry entry) {
    if (journal.size() == JOURNAL_ENTRIES) {
      journal.removeFirst();
    }
    journal.addLast(entry);
  }
}
