package org.fewstep.model.objective;

import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;

/**
 * Moment matching distillation in the space of the teacher's parameters (Salimans, Mensink, Heek,
 * Hoogeboom, NeurIPS 2024, algorithm 3): what an auxiliary denoiser would have learnt is taken from
 * one infinitely small step of the teacher. A unit's first half A and second half B are independent
 * minibatches of {@link StudentStates}; with
 *
 * <p>{@code nu = -Lambda d/d theta mean_A w(s) |x~ - g_theta(z_s)|^2}
 *
 * <p>the student descends {@code mean_B w(s) x~ (d g_theta(z_s) / d theta) nu} through x~ alone,
 * whose expected gradient is that of half the squared norm, under Lambda, of the teacher's expected
 * gradient on the student's images. On data that gradient is zero.
 *
 * <p>The product of Jacobian and vector is a central difference, {@code (g_{theta + h nu} -
 * g_{theta - h nu}) / (2 h)} with h = 10^-3 |theta| / |nu|. Afterwards the teacher's parameters are
 * loaded again. Squares and products are means over pixels. No dropout is applied.
 */
public final class InstantMomentMatching implements Objective {
  private static final double RELATIVE_STEP = 1e-3;

  private final StudentStates states;
  private final StepModel teacher;
  private final float[] theta;
  private final double normOfTheta;
  private final float[] preconditioner;

  /**
   * @param teacher with its parameters
   * @param theta those parameters, not copied
   * @param preconditioner diagonal of Lambda
   */
  public InstantMomentMatching(
      StudentStates states, StepModel teacher, float[] theta, float[] preconditioner) {
    if (preconditioner.length != theta.length) {
      throw new IllegalArgumentException(
          "%d parameters, a preconditioner of %d".formatted(theta.length, preconditioner.length));
    }
    this.states = states;
    this.teacher = teacher;
    this.theta = theta;
    this.normOfTheta = norm(theta);
    this.preconditioner = preconditioner;
  }

  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    int half = unit.count() / 2;
    StudentStates.Drawn a = states.draw(unit.part(0, half));
    WeightedError error =
        WeightedError.of(a.denoised(teacher), a.image(), a.weight(), ImageDistance.SQUARED_L2);
    float[] nu = new float[theta.length];
    teacher.backward(error.gradient(), nu);
    for (int i = 0; i < nu.length; i++) {
      nu[i] *= -preconditioner[i];
    }
    StudentStates.Drawn b = states.draw(unit.part(half, unit.count()));
    return states.follow(b, change(b, nu), gradient);
  }

  /** By how much the teacher's answers change per unit of nu. */
  private double[] change(StudentStates.Drawn b, float[] nu) {
    double norm = norm(nu);
    if (norm == 0) {
      return new double[b.image().length];
    }
    double h = RELATIVE_STEP * normOfTheta / norm;
    double[] change = denoisedAt(b, nu, h);
    double[] down = denoisedAt(b, nu, -h);
    for (int i = 0; i < change.length; i++) {
      change[i] = (change[i] - down[i]) / (2 * h);
    }
    teacher.network().load(theta);
    return change;
  }

  private double[] denoisedAt(StudentStates.Drawn b, float[] nu, double h) {
    float[] moved = new float[theta.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = (float) (theta[i] + h * nu[i]);
    }
    teacher.network().load(moved);
    return b.denoised(teacher);
  }

  private static double norm(float[] vector) {
    double square = 0;
    for (float value : vector) {
      square += (double) value * value;
    }
    return Math.sqrt(square);
  }
}
