package org.fewstep.actors.server;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.fewstep.protocol.PushId;
import org.fewstep.protocol.TrainerMessage.PushAck;
import org.jspecify.annotations.Nullable;

/**
 * What trainers were told about their latest pushes, for those that did not hear it. Of each
 * trainer's latest life the latest rounds are kept; it has but a few without an answer.
 */
final class Answers {
  private static final int REMEMBERED = 16;

  private record Life(long incarnation, TreeMap<Long, PushAck> rounds) {}

  private final Map<String, Life> lives = new HashMap<>();

  void add(PushId push, PushAck answer) {
    Life life = lives.get(push.trainer());
    if (life == null || life.incarnation() < push.incarnation()) {
      life = new Life(push.incarnation(), new TreeMap<>());
      lives.put(push.trainer(), life);
    }
    if (life.incarnation() > push.incarnation()) {
      return;
    }
    life.rounds().put(push.round(), answer);
    if (life.rounds().size() > REMEMBERED) {
      life.rounds().pollFirstEntry();
    }
  }

  /** What was said about a push, or null when that is not known (any more). */
  @Nullable PushAck to(PushId push) {
    Life life = lives.get(push.trainer());
    return life == null || life.incarnation() != push.incarnation()
        ? null
        : life.rounds().get(push.round());
  }
}
