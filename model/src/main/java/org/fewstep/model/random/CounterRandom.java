package org.fewstep.model.random;

/**
 * Random numbers as a function of (seed, purpose, index, position), never of who asks or when.
 *
 * <p>Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC
 * 2011): ten rounds of multiply-and-swap turn a 128-bit counter under a 64-bit key into 128 random
 * bits. The key is the run's seed, the counter holds (position, purpose, index). So a unit of work
 * draws the same numbers on whichever trainer it lands, after whatever deaths and joins, and no
 * generator state ever has to be saved.
 *
 * <p>Gaussians come from Box-Muller with {@link StrictMath}, so that they are the same bits on
 * every machine. An instance is a cursor over one stream and belongs to one thread.
 */
public final class CounterRandom {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final long MASK = 0xFFFFFFFFL;
  private static final double DOUBLE_UNIT = 0x1.0p-53;

  private final int key0;
  private final int key1;
  private final int purpose;
  private final int indexLow;
  private final int indexHigh;
  private int position;
  private final int[] block = new int[4];
  private int used = 4;
  private double spareGaussian = Double.NaN;

  private CounterRandom(long seed, Purpose purpose, long index) {
    this.key0 = (int) seed;
    this.key1 = (int) (seed >>> 32);
    this.purpose = purpose.code;
    this.indexLow = (int) index;
    this.indexHigh = (int) (index >>> 32);
  }

  /** The stream of (seed, purpose, index), at its beginning. */
  public static CounterRandom of(long seed, Purpose purpose, long index) {
    return new CounterRandom(seed, purpose, index);
  }

  /** 32 uniform bits. */
  public int nextInt() {
    if (used == 4) {
      philox(position++, indexLow, indexHigh, purpose, key0, key1, block);
      used = 0;
    }
    return block[used++];
  }

  /** 64 uniform bits. */
  public long nextLong() {
    return ((long) nextInt() << 32) | (nextInt() & MASK);
  }

  /** Uniform in [0, 1), a multiple of 2^-53. */
  public double nextDouble() {
    return (nextLong() >>> 11) * DOUBLE_UNIT;
  }

  /** Uniform in [0, bound), without bias. */
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("the bound must be positive, not " + bound);
    }
    // Lemire's multiply-shift: reject the few low products that would favour small results.
    long product = (nextInt() & MASK) * bound;
    int threshold = Integer.remainderUnsigned(-bound, bound);
    while (Integer.compareUnsigned((int) product, threshold) < 0) {
      product = (nextInt() & MASK) * bound;
    }
    return (int) (product >>> 32);
  }

  /** Standard normal. */
  public double nextGaussian() {
    if (!Double.isNaN(spareGaussian)) {
      double spare = spareGaussian;
      spareGaussian = Double.NaN;
      return spare;
    }
    double radius = StrictMath.sqrt(-2.0 * StrictMath.log(1.0 - nextDouble()));
    double angle = 2.0 * Math.PI * nextDouble();
    spareGaussian = radius * StrictMath.sin(angle);
    return radius * StrictMath.cos(angle);
  }

  /** Fills {@code target[from .. to)} with independent normals of the given standard deviation. */
  public void fillGaussian(double[] target, int from, int to, double standardDeviation) {
    for (int i = from; i < to; i++) {
      target[i] = standardDeviation * nextGaussian();
    }
  }

  /** Passes over so many results of {@link #nextInt()}, at no cost. */
  public void skip(long numbers) {
    long left = numbers;
    while (left > 0 && used < 4) {
      used++;
      left--;
    }
    position = Math.toIntExact(position + left / 4);
    for (int i = 0; i < left % 4; i++) {
      nextInt();
    }
  }

  /** Passes over so many results of {@link #nextGaussian}, at no cost. */
  public void skipGaussians(long numbers) {
    long left = numbers;
    if (left > 0 && !Double.isNaN(spareGaussian)) {
      spareGaussian = Double.NaN;
      left--;
    }
    skip(left / 2 * 4);
    if (left % 2 == 1) {
      nextGaussian();
    }
  }

  /** A permutation of 0 .. n-1 (Fisher-Yates). */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  /** Ten Philox rounds: the counter (c0..c3) under the key (k0, k1) into {@code out}. */
  static void philox(int c0, int c1, int c2, int c3, int k0, int k1, int[] out) {
    for (int round = 0; round < 10; round++) {
      long product0 = MULTIPLIER_0 * (c0 & MASK);
      long product1 = MULTIPLIER_1 * (c2 & MASK);
      int next0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      int next2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c1 = (int) product1;
      c3 = (int) product0;
      c0 = next0;
      c2 = next2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
