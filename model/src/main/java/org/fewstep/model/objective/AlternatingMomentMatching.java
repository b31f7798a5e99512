package org.fewstep.model.objective;

import java.util.Arrays;
import org.fewstep.model.data.Unit;
import org.fewstep.model.interpolant.StepModel;
import org.jspecify.annotations.Nullable;

/**
 * Moment matching distillation with an auxiliary denoiser (Salimans, Mensink, Heek, Hoogeboom,
 * NeurIPS 2024, algorithm 2). With {@link StudentStates} z_s of the student's images x~, updates
 * take turns:
 *
 * <ul>
 *   <li>even ones train the auxiliary denoiser by {@code w(s) (|x~ - g_phi(z_s)|^2 + |g_theta(z_s)
 *       - g_phi(z_s)|^2)}, with the teacher g_theta, so that it lies half-way between the teacher
 *       and the mean of the student's images given z_s;
 *   <li>odd ones train the student by {@code w(s) x~ (g_phi(z_s) - g_theta(z_s))}, through x~
 *       alone, until both agree: then the student's images have the means that data have.
 * </ul>
 *
 * <p>Squares and products are means over pixels. No dropout is applied.
 */
public final class AlternatingMomentMatching implements Objective {
  private final StudentStates states;
  private final StepModel auxiliary;
  private final StepModel teacher;
  private final Settings settings;

  /**
   * What is computed.
   *
   * @param teacherGuidance weight of classifier-free guidance on the teacher, 1 for none
   * @param unitsPerUpdate units whose mean gradient makes an update
   */
  public record Settings(double teacherGuidance, int unitsPerUpdate) {}

  /**
   * @param auxiliary shaped as the student; its parameters come by {@link #loadCompanion}
   * @param teacher with its parameters
   */
  public AlternatingMomentMatching(
      StudentStates states, StepModel auxiliary, StepModel teacher, Settings settings) {
    this.states = states;
    this.auxiliary = auxiliary;
    this.teacher = teacher;
    this.settings = settings;
  }

  @Override
  public void loadCompanion(float[] parameters, int from) {
    auxiliary.network().load(Arrays.copyOfRange(parameters, from, parameters.length));
  }

  /** The gradient is that of whose turn the unit's update is. */
  @Override
  public UnitStatistics evaluate(Unit unit, float[] gradient) {
    StudentStates.Drawn drawn = states.draw(unit);
    double[] taught = taught(drawn);
    double[] found = drawn.denoised(auxiliary);
    if (unit.index() / settings.unitsPerUpdate() % 2 != 0) {
      double[] gap = new double[found.length];
      Arrays.setAll(gap, i -> found[i] - taught[i]);
      return states.follow(drawn, gap, gradient);
    }
    WeightedError ofStudent =
        WeightedError.of(found, drawn.image(), drawn.weight(), ImageDistance.SQUARED_L2);
    WeightedError ofTeacher =
        WeightedError.of(found, taught, drawn.weight(), ImageDistance.SQUARED_L2);
    double[] sum = ofStudent.gradient();
    Arrays.setAll(sum, i -> sum[i] + ofTeacher.gradient()[i]);
    auxiliary.backward(sum, gradient);
    return UnitStatistics.ofLoss(ofStudent.loss() + ofTeacher.loss());
  }

  private double[] taught(StudentStates.Drawn drawn) {
    float @Nullable [] labels = drawn.labels();
    return settings.teacherGuidance() == 1 || labels == null
        ? drawn.denoised(teacher)
        : teacher.applyGuided(
            drawn.state(),
            drawn.s(),
            new double[drawn.s().length],
            labels,
            settings.teacherGuidance());
  }
}
