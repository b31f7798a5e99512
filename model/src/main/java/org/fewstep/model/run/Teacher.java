package org.fewstep.model.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.fewstep.config.ObjectiveConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.InitialWeights;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.interpolant.StepModel;
import org.fewstep.model.io.Resources;
import org.fewstep.model.io.Sha256;

/**
 * The denoiser that a run distils, with its weights. Its network, schedule and parameterisation are
 * the run's own, because the student begins as its teacher.
 */
public final class Teacher {
  private static final String BUILTIN_PREFIX = "builtin:";

  /** A denoiser of the toy worlds' Gaussian mixture that ships with the program. */
  private static final String BUILTIN = "toy-teacher";

  private final float[] parameters;
  private final String sha256;

  private Teacher(float[] parameters, String sha256) {
    this.parameters = parameters;
    this.sha256 = sha256;
  }

  /**
   * Reads the teacher of a run.
   *
   * @return nothing for a run that distils none
   * @throws UserException if it is not there, or is another network than the run's
   */
  public static Optional<Teacher> of(RunConfig config, StepModelSpec spec) {
    if (!(config.objective() instanceof ObjectiveConfig.MomentMatching objective)) {
      return Optional.empty();
    }
    String name = objective.teacher();
    String setting = "objective.teacher = " + name;
    if (name.startsWith(BUILTIN_PREFIX)) {
      if (!name.equals(BUILTIN_PREFIX + BUILTIN)) {
        throw new UserException(
            "%s names no teacher that ships with the program, which has %s%s only"
                .formatted(setting, BUILTIN_PREFIX, BUILTIN));
      }
      return Optional.of(
          Resources.read(
              Teacher.class,
              BUILTIN + ".safetensors",
              file -> read(InitialWeights.find(file, spec, setting), spec, setting)));
    }
    Path path = Path.of(name);
    if (!Files.exists(path)) {
      throw new UserException(
          setting
              + " is not there: name the run, checkpoint or weights file of a denoiser, which"
              + " objective.kind = flow-matching, diffusion or edm trains");
    }
    return Optional.of(read(InitialWeights.find(path, spec, setting), spec, setting));
  }

  private static Teacher read(InitialWeights weights, StepModelSpec spec, String setting) {
    checkTimes(weights.spec(), spec, setting);
    return new Teacher(weights.read(spec.network().parameters()), Sha256.ofFile(weights.file()));
  }

  /**
   * Compares a teacher with a run that is to distil it, before there are any weights.
   *
   * @throws UserException if the teacher is another network than the run's
   */
  public static void checkFits(StepModelSpec theirs, StepModelSpec spec, RunConfig config) {
    if (config.objective() instanceof ObjectiveConfig.MomentMatching objective) {
      String setting = "objective.teacher = " + objective.teacher();
      InitialWeights.checkArchitecture(theirs, spec, setting);
      checkTimes(theirs, spec, setting);
    }
  }

  private static void checkTimes(StepModelSpec theirs, StepModelSpec spec, String setting) {
    if (spec.tMin() < theirs.tMin() || spec.tMax() > theirs.tMax()) {
      throw new UserException(
          "%s knows times from %s to %s, but this run's schedule reaches from %s to %s"
              .formatted(setting, theirs.tMin(), theirs.tMax(), spec.tMin(), spec.tMax()));
    }
  }

  /** A copy of its flat vector of parameters. */
  public float[] parameters() {
    return parameters.clone();
  }

  /** SHA-256 (hex) of its weights file. */
  public String sha256() {
    return sha256;
  }

  /** A network with its weights. */
  StepModel model(StepModelSpec spec) {
    StepModel model = spec.create();
    model.network().load(parameters);
    return model;
  }
}
