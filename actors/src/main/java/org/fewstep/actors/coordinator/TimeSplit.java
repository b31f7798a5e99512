package org.fewstep.actors.coordinator;

/**
 * Where the trainers' time went, in seconds summed over the trainers; the parts make up all of it.
 *
 * @param forward in the network, towards its output
 * @param backward in the network, towards its gradient
 * @param objective in the rest of the loss and its gradient
 * @param optimizer idle while the parameter server applied an update
 * @param actors in pulling and loading parameters, pushing gradients and everything else between
 *     units
 * @param waitingForData idle although the unit to compute had its parameters: it was not read yet
 * @param waitingForOthers idle for any other reason, mostly until other trainers had done their
 *     part of an update
 */
public record TimeSplit(
    double forward,
    double backward,
    double objective,
    double optimizer,
    double actors,
    double waitingForData,
    double waitingForOthers) {
  /** No time at all. */
  public static final TimeSplit NONE = new TimeSplit(0, 0, 0, 0, 0, 0, 0);

  /** All parts together. */
  public double total() {
    return forward + backward + objective + optimizer + actors + waitingForData + waitingForOthers;
  }

  public TimeSplit plus(TimeSplit other) {
    return new TimeSplit(
        forward + other.forward,
        backward + other.backward,
        objective + other.objective,
        optimizer + other.optimizer,
        actors + other.actors,
        waitingForData + other.waitingForData,
        waitingForOthers + other.waitingForOthers);
  }

  /** The parts' shares of the whole, which add up to 1; all 0 of no time at all. */
  public TimeSplit shares() {
    double whole = total();
    return whole > 0
        ? new TimeSplit(
            forward / whole,
            backward / whole,
            objective / whole,
            optimizer / whole,
            actors / whole,
            waitingForData / whole,
            waitingForOthers / whole)
        : NONE;
  }
}
