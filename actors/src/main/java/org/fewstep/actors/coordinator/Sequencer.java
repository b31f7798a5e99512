package org.fewstep.actors.coordinator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.EvaluationSchedule;
import org.fewstep.protocol.ScheduleReply;
import org.fewstep.protocol.ServerMessage.Decision;
import org.fewstep.protocol.ServerMessage.Effect;
import org.fewstep.protocol.UnitReport;
import org.fewstep.protocol.Verdict;

/**
 * Decides, in one place and one order, what becomes of every push: no actor, no clock, no chance.
 * Which pushes make up an update is the rule's part, {@link SynchronousUpdates} or {@link
 * FreeUpdates}; everything else is the same for all rules.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>PUSH-1: a trainer's round is applied at most once. A round that was decided is a duplicate
 *       from then on, or stale where its whole version is.
 *   <li>UNIT-1: each unit is counted exactly once: its piece is accepted once, and an update that
 *       is left out counts the images of what it passes over but none of its units' gradients.
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
  private final Map<String, Long> admitted = new HashMap<>();
  private final Deque<JournalEntry> journal = new ArrayDeque<>();

  private final Gathering gathering;
  private final List<Long> countedPieces;
  private final long firstPiece;

  private final EvaluationPlanner planner;
  private long version;
  private long images;
  private long savedVersion;
  private long lastLeftOut = -1;
  private long wentBackTo = -1;
  private int leftOut;
  private final Map<Long, Integer> notFinite = new HashMap<>();

  /**
   * An update, decided.
   *
   * @param reports of its units, in the order of the pushes
   * @param staleness of each push; empty where none can be stale
   * @param passed pieces that nobody needs to work on any more
   * @param again pieces that are to be computed once more
   */
  public record Update(
      Decision decision,
      List<UnitReport> reports,
      List<Long> staleness,
      List<Long> passed,
      List<Long> again) {}

  /** Starts behind a version whose units have no gap. */
  public Sequencer(
      RunPlan plan, EvaluationSchedule schedule, long epoch, long startVersion, long startImages) {
    this(plan, schedule, epoch, startVersion, startImages, List.of());
  }

  /**
   * Starts behind a version.
   *
   * @param schedule keeps the version it has
   * @param epoch of the parameters; pushes computed in another one are refused
   * @param startVersion updates applied so far
   * @param startImages images those updates saw
   * @param unitsAhead units among them that lie above one that is not, in ranges
   */
  public Sequencer(
      RunPlan plan,
      EvaluationSchedule schedule,
      long epoch,
      long startVersion,
      long startImages,
      List<Long> unitsAhead) {
    this.plan = plan;
    this.planner = new EvaluationPlanner(schedule);
    this.epoch = epoch;
    this.startVersion = startVersion;
    this.version = startVersion;
    this.images = startImages;
    // What a run starts from lies in the checkpoint it was read from, unless it starts from
    // nothing.
    this.savedVersion = startVersion > 0 ? startVersion : -1;
    if (plan.rule() instanceof UpdateRule.Free rule) {
      FreeUpdates free = new FreeUpdates(plan, rule, startImages / plan.unitImages(), unitsAhead);
      this.gathering = free;
      this.countedPieces = free.counted();
      this.firstPiece = 0;
    } else {
      if (!unitsAhead.isEmpty()) {
        throw new IllegalArgumentException("a synchronous run has no units ahead");
      }
      long imagesLeft = Math.max(0, plan.totalImages() - startImages);
      long updatesLeft = (imagesLeft + plan.batchImages() - 1) / plan.batchImages();
      this.gathering = new SynchronousUpdates(plan, startVersion, startVersion + updatesLeft);
      this.countedPieces = List.of();
      this.firstPiece = startVersion * plan.unitsPerUpdate();
    }
  }

  /** Lets a trainer's pushes count from now on, whichever of its lives they come from. */
  public void admit(String trainer, long incarnation) {
    admitted.merge(trainer, incarnation, Math::max);
  }

  /**
   * Decides about a push. An accepted one holds its piece's place in the coming version. While that
   * is complete and not decided, rules that take pushes as they come want no further ones: these
   * would grow staler meanwhile.
   */
  public Verdict judge(Staged push) {
    Verdict verdict = verdict(push);
    if (verdict == Verdict.ACCEPTED) {
      gathering.accept(push);
    } else {
      note(new JournalEntry.TurnedAway(push.push(), push.unit(), verdict));
    }
    if (verdict == Verdict.NOT_FINITE) {
      gathering.refuse(push);
      notFinite.merge(push.unit(), 1, Integer::sum);
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
    Verdict verdict = gathering.verdict(push, version);
    if (verdict != Verdict.ACCEPTED) {
      return verdict;
    }
    boolean finite = push.notFinite().isEmpty() && Double.isFinite(push.report().loss());
    return finite ? Verdict.ACCEPTED : Verdict.NOT_FINITE;
  }

  /** How often a unit that is not counted yet was refused because of values that are not finite. */
  public int timesNotFinite(long unit) {
    return notFinite.getOrDefault(unit, 0);
  }

  /** Whether {@link #decide} has an update to give. */
  public boolean isComplete() {
    return !isOver() && gathering.isComplete();
  }

  /** Moves to the next version once all of its units are there. */
  public Optional<Update> decide() {
    if (!isComplete()) {
      return Optional.empty();
    }
    boolean last = gathering.nextIsLast(version);
    Gathering.Taken taken = gathering.take(version);
    Update update = next(taken, last, Effect.APPLY);
    Decision decision = update.decision();
    note(
        new JournalEntry.Applied(
            version,
            decision.pushes(),
            images(),
            decision.evaluation() != null,
            decision.checkpoint()));
    return Optional.of(update);
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
    // Units that were computed at parameters from before these went back tell nothing of them.
    boolean late = version >= wentBackTo && version - plan.delay(version) < wentBackTo;
    boolean again = version > startVersion && lastLeftOut == version;
    Effect effect = again && !late ? Effect.GO_BACK : Effect.LEAVE_OUT;
    Gathering.Taken taken = gathering.passOver(unit, version, effect == Effect.GO_BACK);
    Update update = next(taken, gathering.isOver(version + 1), effect);
    lastLeftOut = version;
    if (effect == Effect.GO_BACK) {
      wentBackTo = version;
    }
    if (!late) {
      leftOut++;
    }
    note(new JournalEntry.LeftOut(version, unit, effect));
    return update;
  }

  private Update next(Gathering.Taken taken, boolean last, Effect effect) {
    boolean save = isSaved(taken.images(), last);
    EvaluationSchedule due = planner.take(images, images + taken.images(), last);
    version++;
    images += taken.images();
    if (save) {
      savedVersion = version;
    }
    Pieces pieces = gathering.pieces();
    taken.passed().forEach(piece -> notFinite.remove(pieces.firstUnit(piece)));
    Decision decision =
        new Decision(
            epoch,
            version,
            taken.pushes().stream().map(Staged::push).toList(),
            images,
            due.entries().isEmpty() ? null : due,
            save,
            effect,
            taken.blend(),
            gathering.unitsAhead());
    List<UnitReport> reports =
        effect == Effect.APPLY ? taken.pushes().stream().map(Staged::report).toList() : List.of();
    return new Update(decision, reports, taken.staleness(), taken.passed(), taken.again());
  }

  /** Whether a unit that cannot be computed is to be left out now, or with a later update. */
  public boolean isOfComing(long unit) {
    return gathering.isOfComing(unit);
  }

  /**
   * How many updates were left out since the start, but for those that had been computed before
   * parameters went back.
   */
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
    return !isOver() && isEvaluated(gathering.nextImages(), gathering.nextIsLast(version));
  }

  private boolean isEvaluated(long deltaImages, boolean last) {
    return !planner.due(images, images + deltaImages, last).entries().isEmpty();
  }

  /** Whether the coming version is to be saved. */
  public boolean nextIsSaved() {
    return isSaved(gathering.nextImages(), gathering.nextIsLast(version));
  }

  private boolean isSaved(long deltaImages, boolean last) {
    long every = plan.checkpointEveryImages();
    return last
        || (every > 0 && (images + deltaImages) / every > images / every)
        || (plan.saveEvaluated() && isEvaluated(deltaImages, last));
  }

  /**
   * Ends the run at the present version; units that were accepted for the coming one are dropped.
   *
   * @return whether the present version still has to be saved, which is then taken as done
   */
  public boolean stop() {
    gathering.end(version);
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
    return new ScheduleReply.Ordered(version + 1, images + gathering.fullImages());
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

  /** The pieces of the run, each of which one push covers. */
  Pieces pieces() {
    return gathering.pieces();
  }

  /** The piece with which the run starts. */
  long firstPiece() {
    return firstPiece;
  }

  /** Pieces behind the first one that were counted before the start. */
  List<Long> countedPieces() {
    return countedPieces;
  }

  /** Whether no further version is to be made. */
  public boolean isOver() {
    return gathering.isOver(version);
  }

  /** Images seen at the last version decided. */
  public long images() {
    return images;
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
