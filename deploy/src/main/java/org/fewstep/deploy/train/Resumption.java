package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.List;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.optim.ParameterSet;
import org.fewstep.model.run.ModelFactory;

/** Finds the state from which an interrupted run goes on. */
final class Resumption {
  private Resumption() {}

  /**
   * The state of a run's newest checkpoint.
   *
   * @throws UserException if there is none, or it belongs to other settings than those given
   */
  static ParameterSet.State state(PreparedRun run, RunFolder folder) {
    Path newest =
        folder
            .newestCheckpoint()
            .orElseThrow(
                () ->
                    new UserException(
                        "the run in %s has no checkpoint to go on from; start it anew elsewhere"
                            .formatted(folder.root())));
    Checkpoint checkpoint = Checkpoint.open(newest);
    RunConfig now = run.config();
    RunConfig then =
        RunConfigLoader.fromText(checkpoint.settings(), newest + "/config.conf", List.of())
            .config();
    check(
        "the network",
        checkpoint.manifest().modelHash(),
        ModelFactory.modelHash(run.spec(), run.table()),
        newest);
    check(
        "data.path", checkpoint.manifest().dataFingerprint(), run.dataset().fingerprint(), newest);
    check("batch", then.batch(), now.batch(), newest);
    check(
        "exchange.unit-images", then.exchange().unitImages(), now.exchange().unitImages(), newest);
    check("seed", then.seed(), now.seed(), newest);
    check("optimizer.kind", then.optimizer().kind(), now.optimizer().kind(), newest);
    check("ema.tracks", then.ema().names(), now.ema().names(), newest);
    if (checkpoint.manifest().images() >= now.images()) {
      throw new UserException(
          "the run in %s has seen %d images already; give it a greater length with images=..."
              .formatted(folder.root(), checkpoint.manifest().images()));
    }
    return checkpoint.state(run.table());
  }

  private static void check(String what, Object then, Object now, Path checkpoint) {
    if (!then.equals(now)) {
      throw new UserException(
          "%s is not that of the checkpoint %s (%s now, %s then); a resumed run must keep it"
              .formatted(what, checkpoint, now, then));
    }
  }
}
