package org.fewstep.model.objective;

import java.util.Arrays;
import java.util.function.LongFunction;
import org.fewstep.model.data.Unit;
import org.fewstep.model.network.ParameterTable;

/**
 * The diagonal that scales a step of the teacher's parameters: Adam's {@code 1 / (sqrt(v) + 1e-8)},
 * where v is the mean square of the gradients of the teacher's own loss, {@code w(s) |x -
 * g_theta(x_s)|^2}, on minibatches of data. A parameter that none of them reached (that of a class
 * which they lack) stays where it is: nobody knows its scale.
 */
public final class TeacherPreconditioner {
  private static final double EPS = 1e-8;

  private TeacherPreconditioner() {}

  /** Ones, but zero for what is never trained. */
  public static float[] identity(ParameterTable table) {
    float[] diagonal = new float[table.length()];
    Arrays.fill(diagonal, 1);
    return withoutUntrained(diagonal, table);
  }

  /**
   * Measures v; the same on every node.
   *
   * @param loss the teacher's own
   * @param table of the teacher's parameters
   * @param units the run's units, of which the first are measured
   * @param count how many of them
   */
  public static float[] adam(
      Objective loss, ParameterTable table, LongFunction<Unit> units, int count) {
    double[] squares = new double[table.length()];
    float[] gradient = new float[squares.length];
    for (int u = 0; u < count; u++) {
      loss.evaluate(units.apply(u), gradient);
      for (int i = 0; i < squares.length; i++) {
        squares[i] += (double) gradient[i] * gradient[i];
      }
    }
    float[] diagonal = new float[squares.length];
    for (int i = 0; i < diagonal.length; i++) {
      diagonal[i] = squares[i] == 0 ? 0 : (float) (1 / (Math.sqrt(squares[i] / count) + EPS));
    }
    return withoutUntrained(diagonal, table);
  }

  private static float[] withoutUntrained(float[] diagonal, ParameterTable table) {
    for (ParameterTable.Entry entry : table.untrained()) {
      int start = Math.toIntExact(entry.offset());
      Arrays.fill(diagonal, start, start + entry.length(), 0);
    }
    return diagonal;
  }
}
