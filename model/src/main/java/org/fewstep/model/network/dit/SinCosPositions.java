package org.fewstep.model.network.dit;

import org.fewstep.model.network.Initialiser;
import org.fewstep.model.random.CounterRandom;

/**
 * The fixed position of each token in a square of tokens [1,T,D], as in MAE: half of the numbers
 * are [sin, cos] of the token's column, the other half of its row, at frequencies 10000^(-4i/D).
 *
 * @param side tokens along one side
 */
record SinCosPositions(int side) implements Initialiser {
  private static final double MAX_POSITIONS = 10000;

  @Override
  public void fill(float[] values, long[] shape, CounterRandom random) {
    int width = Math.toIntExact(shape[2]);
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int start = (row * side + column) * width;
        encode(column, values, start, width / 2);
        encode(row, values, start + width / 2, width / 2);
      }
    }
  }

  private static void encode(int position, float[] values, int start, int width) {
    int half = width / 2;
    for (int i = 0; i < half; i++) {
      double angle = position * Math.pow(MAX_POSITIONS, -i / (double) half);
      values[start + i] = (float) Math.sin(angle);
      values[start + half + i] = (float) Math.cos(angle);
    }
  }
}
