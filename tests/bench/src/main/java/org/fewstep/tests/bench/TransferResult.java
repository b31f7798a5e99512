package org.fewstep.tests.bench;

/**
 * How fast a tensor travels between two processes.
 *
 * @param codec its name
 * @param mib what travels, without headers
 * @param rounds our transfers, and a bare socket's of as many bytes
 * @param smallMessageP99Millis there and back, of control messages during our transfers
 */
public record TransferResult(
    String codec, double mib, Rounds rounds, double smallMessageP99Millis) {
  private static final double MILLIS_PER_SECOND = 1e3;

  /** Of what travels, in the median round. */
  public double mibPerSecond() {
    return mib / rounds.oursMillis() * MILLIS_PER_SECOND;
  }

  /** Of a bare socket, in the median round. */
  public double rawSocketMibPerSecond() {
    return mib / rounds.theirMillis() * MILLIS_PER_SECOND;
  }

  /** Our speed over a bare socket's. */
  public double shareOfRawSocket() {
    return 1 / rounds.ratio();
  }
}
