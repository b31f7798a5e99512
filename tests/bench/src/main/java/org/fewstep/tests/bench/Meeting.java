package org.fewstep.tests.bench;

/** Both sides at comparable tasks, in turns; who goes first changes from round to round. */
final class Meeting {
  /** Long enough for the clock and short enough for both sides to see the same disturbances. */
  private static final double ROUND_MILLIS = 250;

  private final String oursTask;
  private final ContenderProcess ours;
  private final String theirTask;
  private final ContenderProcess theirs;
  private final double warmUpMillis;
  private final int times;
  private final int theirTimes;
  private final double[] oursMillis;
  private final double[] theirMillis;

  /**
   * Warms both sides up.
   *
   * @param warmUpMillis how long at least, until Java has compiled what is called often
   */
  Meeting(
      String oursTask,
      ContenderProcess ours,
      String theirTask,
      ContenderProcess theirs,
      int rounds,
      double warmUpMillis) {
    this.oursTask = oursTask;
    this.ours = ours;
    this.theirTask = theirTask;
    this.theirs = theirs;
    this.warmUpMillis = warmUpMillis;
    this.oursMillis = new double[rounds];
    this.theirMillis = new double[rounds];
    this.times = timesPerRound(warmMillis(ours, oursTask));
    this.theirTimes = timesPerRound(warmMillis(theirs, theirTask));
  }

  private double warmMillis(ContenderProcess contender, String task) {
    double spent = 0;
    double millis;
    do {
      millis = contender.millis(task, 1);
      spent += millis;
    } while (spent < warmUpMillis);
    return millis;
  }

  /** How often work of that duration is repeated in a round. */
  static int timesPerRound(double millis) {
    return (int) Math.max(1, Math.ceil(ROUND_MILLIS / millis));
  }

  void round(int round) {
    if (round % 2 == 0) {
      oursMillis[round] = ours.millis(oursTask, times);
      theirMillis[round] = theirs.millis(theirTask, theirTimes);
    } else {
      theirMillis[round] = theirs.millis(theirTask, theirTimes);
      oursMillis[round] = ours.millis(oursTask, times);
    }
  }

  Rounds rounds() {
    return new Rounds(oursMillis, theirMillis);
  }
}
