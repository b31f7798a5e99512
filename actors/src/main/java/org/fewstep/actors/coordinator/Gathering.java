package org.fewstep.actors.coordinator;

import java.util.List;
import org.fewstep.protocol.CoordinatorMessage.Staged;
import org.fewstep.protocol.ServerMessage.Blend;
import org.fewstep.protocol.Verdict;

/** An update rule's part of the {@link Sequencer}: which pushes make up the coming update. */
interface Gathering {
  /**
   * Pushes that leave the gathering.
   *
   * @param pushes in the order in which they are summed; those of a passed update are forgotten
   * @param staleness of each push
   * @param images that the clock moves by
   * @param passed pieces that nobody needs to work on any more
   * @param again pieces whose pushes are lost
   */
  record Taken(
      List<Staged> pushes,
      List<Long> staleness,
      Blend blend,
      long images,
      List<Long> passed,
      List<Long> again) {}

  /** The pieces of the run. */
  Pieces pieces();

  /** Whether a push of an admitted trainer fits in, its values aside. */
  Verdict verdict(Staged push, long version);

  /** The push holds its piece's place in the coming update. */
  void accept(Staged push);

  /** The push's round is decided, but it leaves no trace. */
  void refuse(Staged push);

  /** Whether a unit that cannot be computed keeps the coming update from being complete. */
  default boolean isOfComing(long unit) {
    return true;
  }

  /** Whether all pushes of the coming update are there. */
  boolean isComplete();

  /** Whether no further version than this one is to be made. */
  boolean isOver(long version);

  /** Whether the version that follows this one is the last. */
  boolean nextIsLast(long version);

  /** Images of the coming update, as far as it is there. */
  long nextImages();

  /** Images of the coming update once it is complete, supposing that its pushes are whole. */
  long fullImages();

  /** Hands out the complete update that leads on from a version. */
  Taken take(long version);

  /**
   * Passes over what cannot be computed.
   *
   * @param unit that a push named
   * @param goBack whether everything computed up to this version is to blame
   */
  Taken passOver(long unit, long version, boolean goBack);

  /** Lets nothing follow a version. */
  void end(long version);

  /** Units that count although a lower one does not, in ranges: first unit, unit behind, ... */
  List<Long> unitsAhead();
}
