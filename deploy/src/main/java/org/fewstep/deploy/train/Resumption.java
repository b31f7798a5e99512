package org.fewstep.deploy.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.fewstep.config.ExchangeConfig;
import org.fewstep.config.LoadedRun;
import org.fewstep.config.ObjectiveConfig;
import org.fewstep.config.RunConfig;
import org.fewstep.config.RunConfigLoader;
import org.fewstep.config.UserException;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.Checkpoint;
import org.fewstep.model.checkpoint.Recovery;
import org.fewstep.model.checkpoint.RunFolder;
import org.fewstep.model.run.ModelFactory;

/** Finds the state from which an interrupted run goes on, and says which one it is. */
final class Resumption {
  private final PreparedRun run;
  private final RunFolder folder;
  private final Console console;

  Resumption(PreparedRun run, RunFolder folder, Console console) {
    this.run = run;
    this.folder = folder;
    this.console = console;
  }

  /**
   * The run's newest whole checkpoint, with the rest of the folder as it was then.
   *
   * @throws UserException if it belongs to other settings than those given, or none is whole; then
   *     nothing has changed
   */
  RunStart find() {
    Recovery recovery = new Recovery(folder);
    Recovery.Found found = recovery.find();
    Optional<Checkpoint> newest = found.newestWhole();
    List<String> changes = newest.map(this::checkedChanges).orElse(List.of());
    long images = newest.map(checkpoint -> checkpoint.manifest().images()).orElse(0L);
    Recovery.Owed all = recovery.owed(run.table(), images);
    List<Recovery.OwedTrack> owed = all.readable();
    int leftovers = recovery.goBackTo(images, all.damaged());
    for (Path damaged : all.damaged()) {
      console.note("fewstep: %s was damaged, so its evaluation is lost".formatted(damaged));
    }
    changes.forEach(change -> console.note("fewstep: changed since the checkpoint: " + change));
    say(newest, found.passedOver(), leftovers, owed);
    return newest
        .map(
            checkpoint ->
                new RunStart(
                    checkpoint.state(run.table()), images, checkpoint.manifest().seconds(), owed))
        .orElse(RunStart.BEGINNING);
  }

  /**
   * Compares the settings with those of the newest whole checkpoint; changes nothing.
   *
   * @throws UserException if they do not go together, or no checkpoint is whole
   */
  void check() {
    new Recovery(folder).find().newestWhole().ifPresent(this::checkedChanges);
  }

  private void say(
      Optional<Checkpoint> newest,
      List<String> passedOver,
      int leftovers,
      List<Recovery.OwedTrack> owed) {
    StringBuilder line = new StringBuilder("  goes on     ");
    line.append(
        newest
            .map(
                checkpoint ->
                    "from %s images, checkpoint %s"
                        .formatted(
                            Numbers.grouped(checkpoint.manifest().images()),
                            checkpoint.folder().getFileName()))
            .orElse("from the beginning: there is no checkpoint yet"));
    for (String passed : passedOver) {
      line.append("; passed over ").append(passed);
    }
    if (leftovers > 0) {
      line.append("; removed ").append(leftovers).append(" left half-written");
    }
    if (!owed.isEmpty()) {
      line.append("; makes up for ")
          .append(owed.size() == 1 ? "1 evaluation" : owed.size() + " evaluations");
    }
    console.human(line.toString());
    console.json(
        Json.event("resume")
            .put("images", newest.map(checkpoint -> checkpoint.manifest().images()).orElse(0L))
            .put(
                "checkpoint", newest.map(checkpoint -> checkpoint.folder().toString()).orElse(null))
            .put("passed_over", String.join("; ", passedOver))
            .put("half_written", leftovers)
            .put("owed_evaluations", owed.size()));
  }

  /** Settings that have changed since a checkpoint, and may. */
  private List<String> checkedChanges(Checkpoint checkpoint) {
    Path newest = checkpoint.folder();
    RunConfig now = run.config();
    LoadedRun saved =
        RunConfigLoader.fromText(checkpoint.settings(), newest + "/config.conf", List.of());
    RunConfig then = saved.config();
    check(
        run.teacher().isPresent() ? "the network or its teacher" : "the network",
        checkpoint.manifest().modelHash(),
        ModelFactory.modelHash(run.spec(), run.table(), run.teacher()),
        newest);
    check(
        "data.path", checkpoint.manifest().dataFingerprint(), run.dataset().fingerprint(), newest);
    check("batch", then.batch(), now.batch(), newest);
    check(
        "exchange.unit-images", then.exchange().unitImages(), now.exchange().unitImages(), newest);
    check("exchange.rule", rule(saved), rule(run.loaded()), newest);
    if (then.exchange() instanceof ExchangeConfig.LocalSteps before
        && now.exchange() instanceof ExchangeConfig.LocalSteps after) {
      check("exchange.local-steps", before.localSteps(), after.localSteps(), newest);
    }
    check("objective.form", form(saved), form(run.loaded()), newest);
    check("seed", then.seed(), now.seed(), newest);
    check("optimizer.kind", then.optimizer().kind(), now.optimizer().kind(), newest);
    check("ema.tracks", then.ema().names(), now.ema().names(), newest);
    return SettingChanges.between(saved.resolved(), run.loaded().resolved());
  }

  /** Of a distillation, which says what parameters there are. */
  private static String form(LoadedRun run) {
    return run.config().objective() instanceof ObjectiveConfig.MomentMatching
        ? run.resolved().getString("objective.form")
        : "unset";
  }

  private static String rule(LoadedRun run) {
    return run.resolved().getString("exchange.rule");
  }

  private static void check(String what, Object then, Object now, Path checkpoint) {
    if (!then.equals(now)) {
      throw new UserException(
          "%s is not that of the checkpoint %s (%s now, %s then); a resumed run must keep it"
              .formatted(what, checkpoint, now, then));
    }
  }
}
