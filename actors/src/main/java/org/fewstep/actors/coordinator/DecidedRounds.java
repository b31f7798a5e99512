package org.fewstep.actors.coordinator;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.fewstep.protocol.PushId;

/**
 * Which rounds of which trainers' lives were decided, in bounded memory: of each life the latest
 * ones, while everything before them counts as decided. A trainer has but a few pushes under way,
 * so nothing that is still to come is that old.
 */
final class DecidedRounds {
  private static final int REMEMBERED = 1024;

  private record Life(String trainer, long incarnation) {}

  private static final class Rounds {
    private final TreeSet<Long> decided = new TreeSet<>();
    private long allUntil;
  }

  private final Map<Life, Rounds> lives = new HashMap<>();

  boolean contains(PushId push) {
    Rounds rounds = lives.get(life(push));
    return rounds != null
        && (push.round() <= rounds.allUntil || rounds.decided.contains(push.round()));
  }

  void add(PushId push) {
    Rounds rounds = lives.computeIfAbsent(life(push), life -> new Rounds());
    rounds.decided.add(push.round());
    if (rounds.decided.size() > REMEMBERED) {
      rounds.allUntil = rounds.decided.pollFirst();
    }
  }

  private static Life life(PushId push) {
    return new Life(push.trainer(), push.incarnation());
  }
}
