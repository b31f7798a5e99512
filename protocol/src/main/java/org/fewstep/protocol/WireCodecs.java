package org.fewstep.protocol;

import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.EvaluationMetric;
import org.fewstep.config.SamplerKind;
import org.fewstep.protocol.wire.Wire;

/** The table of all messages that cross the wire. */
final class WireCodecs {
  private final ActorRefResolver resolver;

  WireCodecs(ActorRefResolver resolver) {
    this.resolver = resolver;
  }

  List<WireCodec<?, ?>> all() {
    return List.of(
        join(),
        requestLease(),
        serverReady(),
        staged(),
        pushLost(),
        published(),
        checkpointWritten(),
        checkpointFailed(),
        trackKept(),
        evaluatorReady(),
        partDone(),
        getSchedule(),
        replaceSchedule(),
        pauseSchedule(),
        evaluateNow(),
        getStatus(),
        stopRun(),
        leaseGranted(),
        versionPublished(),
        admitted(),
        refused(),
        snapshot(),
        pushAck(),
        pullSnapshot(),
        push(),
        judged(),
        decision(),
        writeCheckpoint(),
        releaseTrack(),
        evaluatePart(),
        cancelPart(),
        scheduleCurrent(),
        askRun(),
        askStop(),
        present(),
        askPresence(),
        runOffer(),
        turnedAway(),
        runStopping(),
        runEnded(),
        scheduleReplaced(),
        scheduleConflict(),
        scheduleOrdered(),
        scheduleRefused(),
        status());
  }

  private WireCodec<CoordinatorMessage.Join, Wire.Join> join() {
    return new WireCodec<>(
        CoordinatorMessage.Join.class,
        "join",
        Wire.Join.parser(),
        m ->
            Wire.Join.newBuilder()
                .setTrainer(m.trainer())
                .setIncarnation(m.incarnation())
                .setProtocolVersion(m.protocolVersion())
                .setModelHash(m.modelHash())
                .setDataFingerprint(m.dataFingerprint())
                .setDevice(m.device())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p ->
            new CoordinatorMessage.Join(
                p.getTrainer(),
                p.getIncarnation(),
                p.getProtocolVersion(),
                p.getModelHash(),
                p.getDataFingerprint(),
                p.getDevice(),
                ref(p.getReplyTo())));
  }

  private WireCodec<CoordinatorMessage.RequestLease, Wire.RequestLease> requestLease() {
    return new WireCodec<>(
        CoordinatorMessage.RequestLease.class,
        "request-lease",
        Wire.RequestLease.parser(),
        m ->
            Wire.RequestLease.newBuilder()
                .setLoader(m.loader())
                .setUnits(m.units())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p -> new CoordinatorMessage.RequestLease(p.getLoader(), p.getUnits(), ref(p.getReplyTo())));
  }

  private WireCodec<CoordinatorMessage.ServerReady, Wire.ServerReady> serverReady() {
    return new WireCodec<>(
        CoordinatorMessage.ServerReady.class,
        "server-ready",
        Wire.ServerReady.parser(),
        m ->
            Wire.ServerReady.newBuilder()
                .setEpoch(m.epoch())
                .setVersion(m.version())
                .setImages(m.images())
                .setServer(path(m.server()))
                .addAllUnitsAhead(m.unitsAhead())
                .build(),
        p ->
            new CoordinatorMessage.ServerReady(
                p.getEpoch(),
                p.getVersion(),
                p.getImages(),
                p.getUnitsAheadList(),
                ref(p.getServer())));
  }

  private WireCodec<CoordinatorMessage.Staged, Wire.Staged> staged() {
    return new WireCodec<>(
        CoordinatorMessage.Staged.class,
        "staged",
        Wire.Staged.parser(),
        m ->
            Wire.Staged.newBuilder()
                .setPush(write(m.push()))
                .setEpoch(m.epoch())
                .setUnit(m.unit())
                .setBaseVersion(m.baseVersion())
                .setImages(m.images())
                .setReport(write(m.report()))
                .setNotFinite(m.notFinite())
                .build(),
        p ->
            new CoordinatorMessage.Staged(
                read(p.getPush()),
                p.getEpoch(),
                p.getUnit(),
                p.getBaseVersion(),
                p.getImages(),
                read(p.getReport()),
                p.getNotFinite()));
  }

  private WireCodec<CoordinatorMessage.PushLost, Wire.PushLost> pushLost() {
    return new WireCodec<>(
        CoordinatorMessage.PushLost.class,
        "push-lost",
        Wire.PushLost.parser(),
        m -> Wire.PushLost.newBuilder().setPush(write(m.push())).setUnit(m.unit()).build(),
        p -> new CoordinatorMessage.PushLost(read(p.getPush()), p.getUnit()));
  }

  private WireCodec<CoordinatorMessage.Published, Wire.Published> published() {
    return new WireCodec<>(
        CoordinatorMessage.Published.class,
        "published",
        Wire.Published.parser(),
        m ->
            Wire.Published.newBuilder()
                .setEpoch(m.epoch())
                .setVersion(m.version())
                .setImages(m.images())
                .setGradientNorm(m.gradientNorm())
                .setLearningRate(m.learningRate())
                .build(),
        p ->
            new CoordinatorMessage.Published(
                p.getEpoch(),
                p.getVersion(),
                p.getImages(),
                p.getGradientNorm(),
                p.getLearningRate()));
  }

  private WireCodec<CoordinatorMessage.CheckpointWritten, Wire.CheckpointWritten>
      checkpointWritten() {
    return new WireCodec<>(
        CoordinatorMessage.CheckpointWritten.class,
        "checkpoint-written",
        Wire.CheckpointWritten.parser(),
        m ->
            Wire.CheckpointWritten.newBuilder()
                .setVersion(m.version())
                .setImages(m.images())
                .setPath(m.path())
                .build(),
        p -> new CoordinatorMessage.CheckpointWritten(p.getVersion(), p.getImages(), p.getPath()));
  }

  private WireCodec<CoordinatorMessage.CheckpointFailed, Wire.CheckpointFailed> checkpointFailed() {
    return new WireCodec<>(
        CoordinatorMessage.CheckpointFailed.class,
        "checkpoint-failed",
        Wire.CheckpointFailed.parser(),
        m ->
            Wire.CheckpointFailed.newBuilder()
                .setVersion(m.version())
                .setImages(m.images())
                .setReason(m.reason())
                .build(),
        p -> new CoordinatorMessage.CheckpointFailed(p.getVersion(), p.getImages(), p.getReason()));
  }

  private WireCodec<CoordinatorMessage.TrackKept, Wire.TrackKept> trackKept() {
    return new WireCodec<>(
        CoordinatorMessage.TrackKept.class,
        "track-kept",
        Wire.TrackKept.parser(),
        m ->
            Wire.TrackKept.newBuilder()
                .setVersion(m.version())
                .setImages(m.images())
                .setTrack(m.track())
                .setParameters(write(m.parameters()))
                .build(),
        p ->
            new CoordinatorMessage.TrackKept(
                p.getVersion(), p.getImages(), p.getTrack(), read(p.getParameters())));
  }

  private WireCodec<CoordinatorMessage.EvaluatorReady, Wire.EvaluatorReady> evaluatorReady() {
    return new WireCodec<>(
        CoordinatorMessage.EvaluatorReady.class,
        "evaluator-ready",
        Wire.EvaluatorReady.parser(),
        m ->
            Wire.EvaluatorReady.newBuilder()
                .setEvaluator(m.evaluator())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p -> new CoordinatorMessage.EvaluatorReady(p.getEvaluator(), ref(p.getReplyTo())));
  }

  private WireCodec<CoordinatorMessage.PartDone, Wire.PartDone> partDone() {
    return new WireCodec<>(
        CoordinatorMessage.PartDone.class,
        "part-done",
        Wire.PartDone.parser(),
        m -> {
          Wire.PartDone.Builder done =
              Wire.PartDone.newBuilder()
                  .setEvaluator(m.evaluator())
                  .setPart(m.part())
                  .addAllScores(m.scores());
          SampleGrid grid = m.grid();
          if (grid != null) {
            done.setGrid(write(grid));
          }
          return done.build();
        },
        p ->
            new CoordinatorMessage.PartDone(
                p.getEvaluator(),
                p.getPart(),
                p.getScoresList(),
                p.hasGrid() ? read(p.getGrid()) : null));
  }

  private static Wire.SampleGrid write(SampleGrid m) {
    return Wire.SampleGrid.newBuilder()
        .setChannels(m.channels())
        .setHeight(m.height())
        .setWidth(m.width())
        .setImages(write(m.images()))
        .build();
  }

  private static SampleGrid read(Wire.SampleGrid p) {
    return new SampleGrid(p.getChannels(), p.getHeight(), p.getWidth(), read(p.getImages()));
  }

  private WireCodec<CoordinatorMessage.GetSchedule, Wire.GetSchedule> getSchedule() {
    return new WireCodec<>(
        CoordinatorMessage.GetSchedule.class,
        "get-schedule",
        Wire.GetSchedule.parser(),
        m -> Wire.GetSchedule.newBuilder().setReplyTo(path(m.replyTo())).build(),
        p -> new CoordinatorMessage.GetSchedule(ref(p.getReplyTo())));
  }

  private WireCodec<CoordinatorMessage.ReplaceSchedule, Wire.ReplaceSchedule> replaceSchedule() {
    return new WireCodec<>(
        CoordinatorMessage.ReplaceSchedule.class,
        "replace-schedule",
        Wire.ReplaceSchedule.parser(),
        m ->
            Wire.ReplaceSchedule.newBuilder()
                .setExpectedVersion(m.expectedVersion())
                .setSchedule(write(m.schedule()))
                .setCancelRunning(m.cancelRunning())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p ->
            new CoordinatorMessage.ReplaceSchedule(
                p.getExpectedVersion(),
                read(p.getSchedule()),
                p.getCancelRunning(),
                ref(p.getReplyTo())));
  }

  private WireCodec<CoordinatorMessage.PauseSchedule, Wire.PauseSchedule> pauseSchedule() {
    return new WireCodec<>(
        CoordinatorMessage.PauseSchedule.class,
        "pause-schedule",
        Wire.PauseSchedule.parser(),
        m ->
            Wire.PauseSchedule.newBuilder()
                .setPaused(m.paused())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p -> new CoordinatorMessage.PauseSchedule(p.getPaused(), ref(p.getReplyTo())));
  }

  private WireCodec<CoordinatorMessage.EvaluateNow, Wire.EvaluateNow> evaluateNow() {
    return new WireCodec<>(
        CoordinatorMessage.EvaluateNow.class,
        "evaluate-now",
        Wire.EvaluateNow.parser(),
        m ->
            Wire.EvaluateNow.newBuilder()
                .addAllEntries(m.entries())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p -> new CoordinatorMessage.EvaluateNow(p.getEntriesList(), ref(p.getReplyTo())));
  }

  private WireCodec<CoordinatorMessage.StopRun, Wire.StopRun> stopRun() {
    return new WireCodec<>(
        CoordinatorMessage.StopRun.class,
        "stop-run",
        Wire.StopRun.parser(),
        m -> Wire.StopRun.getDefaultInstance(),
        p -> new CoordinatorMessage.StopRun());
  }

  private WireCodec<LoaderMessage.LeaseGranted, Wire.LeaseGranted> leaseGranted() {
    return new WireCodec<>(
        LoaderMessage.LeaseGranted.class,
        "lease-granted",
        Wire.LeaseGranted.parser(),
        m ->
            Wire.LeaseGranted.newBuilder()
                .setLease(m.lease())
                .setBaseVersion(m.baseVersion())
                .setFirstUnit(m.firstUnit())
                .setUnits(m.units())
                .setValidMillis(m.validMillis())
                .setPublishedVersion(m.publishedVersion())
                .setDelay(m.delay())
                .build(),
        p ->
            new LoaderMessage.LeaseGranted(
                p.getLease(),
                p.getBaseVersion(),
                p.getFirstUnit(),
                p.getUnits(),
                p.getValidMillis(),
                p.getPublishedVersion(),
                p.getDelay()));
  }

  private WireCodec<LoaderMessage.VersionPublished, Wire.VersionPublished> versionPublished() {
    return new WireCodec<>(
        LoaderMessage.VersionPublished.class,
        "version-published",
        Wire.VersionPublished.parser(),
        m ->
            Wire.VersionPublished.newBuilder()
                .setVersion(m.version())
                .setImages(m.images())
                .build(),
        p -> new LoaderMessage.VersionPublished(p.getVersion(), p.getImages()));
  }

  private WireCodec<TrainerMessage.Admitted, Wire.Admitted> admitted() {
    return new WireCodec<>(
        TrainerMessage.Admitted.class,
        "admitted",
        Wire.Admitted.parser(),
        m -> Wire.Admitted.newBuilder().setEpoch(m.epoch()).build(),
        p -> new TrainerMessage.Admitted(p.getEpoch()));
  }

  private WireCodec<TrainerMessage.Refused, Wire.Refused> refused() {
    return new WireCodec<>(
        TrainerMessage.Refused.class,
        "refused",
        Wire.Refused.parser(),
        m -> Wire.Refused.newBuilder().setReason(m.reason()).build(),
        p -> new TrainerMessage.Refused(p.getReason()));
  }

  private WireCodec<TrainerMessage.Snapshot, Wire.Snapshot> snapshot() {
    return new WireCodec<>(
        TrainerMessage.Snapshot.class,
        "snapshot",
        Wire.Snapshot.parser(),
        m ->
            Wire.Snapshot.newBuilder()
                .setEpoch(m.epoch())
                .setVersion(m.version())
                .setImages(m.images())
                .setParameters(write(m.parameters()))
                .build(),
        p ->
            new TrainerMessage.Snapshot(
                p.getEpoch(), p.getVersion(), p.getImages(), read(p.getParameters())));
  }

  private WireCodec<TrainerMessage.PushAck, Wire.PushAck> pushAck() {
    return new WireCodec<>(
        TrainerMessage.PushAck.class,
        "push-ack",
        Wire.PushAck.parser(),
        m ->
            Wire.PushAck.newBuilder()
                .setRound(m.round())
                .setVerdict(write(m.verdict()))
                .setNextVersion(m.nextVersion())
                .build(),
        p -> new TrainerMessage.PushAck(p.getRound(), read(p.getVerdict()), p.getNextVersion()));
  }

  private WireCodec<ServerMessage.PullSnapshot, Wire.PullSnapshot> pullSnapshot() {
    return new WireCodec<>(
        ServerMessage.PullSnapshot.class,
        "pull-snapshot",
        Wire.PullSnapshot.parser(),
        m ->
            Wire.PullSnapshot.newBuilder()
                .setMinVersion(m.minVersion())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p -> new ServerMessage.PullSnapshot(p.getMinVersion(), ref(p.getReplyTo())));
  }

  private WireCodec<ServerMessage.Push, Wire.Push> push() {
    return new WireCodec<>(
        ServerMessage.Push.class,
        "push",
        Wire.Push.parser(),
        m ->
            Wire.Push.newBuilder()
                .setPush(write(m.push()))
                .setEpoch(m.epoch())
                .setUnit(m.unit())
                .setBaseVersion(m.baseVersion())
                .setImages(m.images())
                .setReport(write(m.report()))
                .setGradient(write(m.gradient()))
                .setReplyTo(path(m.replyTo()))
                .build(),
        p ->
            new ServerMessage.Push(
                read(p.getPush()),
                p.getEpoch(),
                p.getUnit(),
                p.getBaseVersion(),
                p.getImages(),
                read(p.getReport()),
                read(p.getGradient()),
                ref(p.getReplyTo())));
  }

  private WireCodec<ServerMessage.Judged, Wire.Judged> judged() {
    return new WireCodec<>(
        ServerMessage.Judged.class,
        "judged",
        Wire.Judged.parser(),
        m ->
            Wire.Judged.newBuilder()
                .setPush(write(m.push()))
                .setVerdict(write(m.verdict()))
                .setNextVersion(m.nextVersion())
                .build(),
        p -> new ServerMessage.Judged(read(p.getPush()), read(p.getVerdict()), p.getNextVersion()));
  }

  private WireCodec<ServerMessage.Decision, Wire.Decision> decision() {
    return new WireCodec<>(
        ServerMessage.Decision.class,
        "decision",
        Wire.Decision.parser(),
        m -> {
          var builder =
              Wire.Decision.newBuilder()
                  .setEpoch(m.epoch())
                  .setVersion(m.version())
                  .setImages(m.images())
                  .setCheckpoint(m.checkpoint())
                  .setEffect(write(m.effect()))
                  .addAllUnitsAhead(m.unitsAhead());
          if (!m.blend().equals(ServerMessage.Blend.EVEN)) {
            builder.setBlend(write(m.blend()));
          }
          m.pushes().forEach(push -> builder.addPushes(write(push)));
          if (m.evaluation() != null) {
            builder.setEvaluation(write(m.evaluation()));
          }
          return builder.build();
        },
        p ->
            new ServerMessage.Decision(
                p.getEpoch(),
                p.getVersion(),
                p.getPushesList().stream().map(WireCodecs::read).toList(),
                p.getImages(),
                p.hasEvaluation() ? read(p.getEvaluation()) : null,
                p.getCheckpoint(),
                read(p.getEffect()),
                p.hasBlend() ? read(p.getBlend()) : ServerMessage.Blend.EVEN,
                p.getUnitsAheadList()));
  }

  private WireCodec<ServerMessage.WriteCheckpoint, Wire.WriteCheckpoint> writeCheckpoint() {
    return new WireCodec<>(
        ServerMessage.WriteCheckpoint.class,
        "write-checkpoint",
        Wire.WriteCheckpoint.parser(),
        m -> Wire.WriteCheckpoint.newBuilder().setVersion(m.version()).build(),
        p -> new ServerMessage.WriteCheckpoint(p.getVersion()));
  }

  private WireCodec<ServerMessage.ReleaseTrack, Wire.ReleaseTrack> releaseTrack() {
    return new WireCodec<>(
        ServerMessage.ReleaseTrack.class,
        "release-track",
        Wire.ReleaseTrack.parser(),
        m -> Wire.ReleaseTrack.newBuilder().setVersion(m.version()).setTrack(m.track()).build(),
        p -> new ServerMessage.ReleaseTrack(p.getVersion(), p.getTrack()));
  }

  private WireCodec<EvaluatorMessage.EvaluatePart, Wire.EvaluatePart> evaluatePart() {
    return new WireCodec<>(
        EvaluatorMessage.EvaluatePart.class,
        "evaluate-part",
        Wire.EvaluatePart.parser(),
        m ->
            Wire.EvaluatePart.newBuilder()
                .setPart(m.part())
                .setVersion(m.version())
                .setImages(m.images())
                .setTrack(m.track())
                .setEntry(write(m.entry()))
                .setSampler(write(m.sampler()))
                .setSteps(m.steps())
                .setParameters(write(m.parameters()))
                .build(),
        p ->
            new EvaluatorMessage.EvaluatePart(
                p.getPart(),
                p.getVersion(),
                p.getImages(),
                p.getTrack(),
                read(p.getEntry()),
                read(p.getSampler()),
                p.getSteps(),
                read(p.getParameters())));
  }

  private WireCodec<EvaluatorMessage.CancelPart, Wire.CancelPart> cancelPart() {
    return new WireCodec<>(
        EvaluatorMessage.CancelPart.class,
        "cancel-part",
        Wire.CancelPart.parser(),
        m -> Wire.CancelPart.newBuilder().setPart(m.part()).build(),
        p -> new EvaluatorMessage.CancelPart(p.getPart()));
  }

  private WireCodec<ScheduleReply.Current, Wire.ScheduleCurrent> scheduleCurrent() {
    return new WireCodec<>(
        ScheduleReply.Current.class,
        "schedule-current",
        Wire.ScheduleCurrent.parser(),
        m -> Wire.ScheduleCurrent.newBuilder().setSchedule(write(m.schedule())).build(),
        p -> new ScheduleReply.Current(read(p.getSchedule())));
  }

  private WireCodec<AdmissionMessage.AskRun, Wire.AskRun> askRun() {
    return new WireCodec<>(
        AdmissionMessage.AskRun.class,
        "ask-run",
        true,
        Wire.AskRun.parser(),
        m ->
            Wire.AskRun.newBuilder()
                .setNode(m.node())
                .setOwner(m.owner())
                .setProtocolVersion(m.protocolVersion())
                .setCodeVersion(m.codeVersion())
                .setReplyTo(path(m.replyTo()))
                .build(),
        p ->
            new AdmissionMessage.AskRun(
                p.getNode(),
                p.getOwner(),
                p.getProtocolVersion(),
                p.getCodeVersion(),
                ref(p.getReplyTo())));
  }

  private WireCodec<AdmissionMessage.Present, Wire.Present> present() {
    return new WireCodec<>(
        AdmissionMessage.Present.class,
        "present",
        Wire.Present.parser(),
        m -> Wire.Present.newBuilder().setNode(path(m.node())).build(),
        p -> new AdmissionMessage.Present(ref(p.getNode())));
  }

  private WireCodec<NodeMessage.AskPresence, Wire.AskPresence> askPresence() {
    return new WireCodec<>(
        NodeMessage.AskPresence.class,
        "ask-presence",
        Wire.AskPresence.parser(),
        m -> Wire.AskPresence.newBuilder().setReplyTo(path(m.replyTo())).build(),
        p -> new NodeMessage.AskPresence(ref(p.getReplyTo())));
  }

  private WireCodec<NodeMessage.RunOffer, Wire.RunOffer> runOffer() {
    return new WireCodec<>(
        NodeMessage.RunOffer.class,
        "run-offer",
        Wire.RunOffer.parser(),
        m ->
            Wire.RunOffer.newBuilder()
                .setRun(m.run())
                .setSettings(m.settings())
                .setModelHash(m.modelHash())
                .setDataFingerprint(m.dataFingerprint())
                .putAllEvaluationChecksums(m.evaluationChecksums())
                .setCodec(write(m.codec()))
                .setLocalStepUnits(m.localStepUnits())
                .setCoordinator(path(m.coordinator()))
                .setServer(path(m.server()))
                .build(),
        p ->
            new NodeMessage.RunOffer(
                p.getRun(),
                p.getSettings(),
                p.getModelHash(),
                p.getDataFingerprint(),
                p.getEvaluationChecksumsMap(),
                read(p.getCodec()),
                p.getLocalStepUnits(),
                ref(p.getCoordinator()),
                ref(p.getServer())));
  }

  private WireCodec<NodeMessage.TurnedAway, Wire.TurnedAway> turnedAway() {
    return new WireCodec<>(
        NodeMessage.TurnedAway.class,
        "turned-away",
        true,
        Wire.TurnedAway.parser(),
        m -> Wire.TurnedAway.newBuilder().setReason(m.reason()).build(),
        p -> new NodeMessage.TurnedAway(p.getReason()));
  }

  private WireCodec<AdmissionMessage.AskStop, Wire.AskStop> askStop() {
    return new WireCodec<>(
        AdmissionMessage.AskStop.class,
        "ask-stop",
        true,
        Wire.AskStop.parser(),
        m -> Wire.AskStop.newBuilder().setReplyTo(path(m.replyTo())).build(),
        p -> new AdmissionMessage.AskStop(ref(p.getReplyTo())));
  }

  private WireCodec<NodeMessage.RunStopping, Wire.RunStopping> runStopping() {
    return new WireCodec<>(
        NodeMessage.RunStopping.class,
        "run-stopping",
        true,
        Wire.RunStopping.parser(),
        m -> Wire.RunStopping.newBuilder().setRun(m.run()).build(),
        p -> new NodeMessage.RunStopping(p.getRun()));
  }

  private WireCodec<NodeMessage.RunEnded, Wire.RunEnded> runEnded() {
    return new WireCodec<>(
        NodeMessage.RunEnded.class,
        "run-ended",
        true,
        Wire.RunEnded.parser(),
        m ->
            Wire.RunEnded.newBuilder()
                .setImages(m.images())
                .setStopped(m.stopped())
                .setFailure(m.failure())
                .build(),
        p -> new NodeMessage.RunEnded(p.getImages(), p.getStopped(), p.getFailure()));
  }

  private WireCodec<ScheduleReply.Replaced, Wire.ScheduleReplaced> scheduleReplaced() {
    return new WireCodec<>(
        ScheduleReply.Replaced.class,
        "schedule-replaced",
        Wire.ScheduleReplaced.parser(),
        m -> Wire.ScheduleReplaced.newBuilder().setSchedule(write(m.schedule())).build(),
        p -> new ScheduleReply.Replaced(read(p.getSchedule())));
  }

  private WireCodec<ScheduleReply.Conflict, Wire.ScheduleConflict> scheduleConflict() {
    return new WireCodec<>(
        ScheduleReply.Conflict.class,
        "schedule-conflict",
        Wire.ScheduleConflict.parser(),
        m -> Wire.ScheduleConflict.newBuilder().setCurrent(write(m.current())).build(),
        p -> new ScheduleReply.Conflict(read(p.getCurrent())));
  }

  private WireCodec<ScheduleReply.Ordered, Wire.ScheduleOrdered> scheduleOrdered() {
    return new WireCodec<>(
        ScheduleReply.Ordered.class,
        "schedule-ordered",
        Wire.ScheduleOrdered.parser(),
        m ->
            Wire.ScheduleOrdered.newBuilder().setVersion(m.version()).setImages(m.images()).build(),
        p -> new ScheduleReply.Ordered(p.getVersion(), p.getImages()));
  }

  private WireCodec<ScheduleReply.Refused, Wire.ScheduleRefused> scheduleRefused() {
    return new WireCodec<>(
        ScheduleReply.Refused.class,
        "schedule-refused",
        Wire.ScheduleRefused.parser(),
        m -> Wire.ScheduleRefused.newBuilder().setReason(m.reason()).build(),
        p -> new ScheduleReply.Refused(p.getReason()));
  }

  private WireCodec<CoordinatorMessage.GetStatus, Wire.GetStatus> getStatus() {
    return new WireCodec<>(
        CoordinatorMessage.GetStatus.class,
        "get-status",
        Wire.GetStatus.parser(),
        m -> Wire.GetStatus.newBuilder().setReplyTo(path(m.replyTo())).build(),
        p -> new CoordinatorMessage.GetStatus(ref(p.getReplyTo())));
  }

  private WireCodec<StatusReply.Status, Wire.RunStatus> status() {
    return new WireCodec<>(
        StatusReply.Status.class,
        "status",
        Wire.RunStatus.parser(),
        m -> Wire.RunStatus.newBuilder().setJson(m.json()).build(),
        p -> new StatusReply.Status(p.getJson()));
  }

  private String path(ActorRef<?> ref) {
    return resolver.toSerializationFormat(ref);
  }

  private <T> ActorRef<T> ref(String path) {
    return resolver.resolveActorRef(path);
  }

  private static Wire.TensorTicket write(TensorTicket m) {
    return Wire.TensorTicket.newBuilder()
        .setTransferId(m.transferId())
        .setElements(m.elements())
        .setCodec(write(m.codec()))
        .setHolder(m.holder())
        .build();
  }

  private static TensorTicket read(Wire.TensorTicket p) {
    return new TensorTicket(p.getTransferId(), p.getElements(), read(p.getCodec()), p.getHolder());
  }

  private static Wire.TensorCodec write(TensorCodec m) {
    return switch (m) {
      case FLOAT32 -> Wire.TensorCodec.TENSOR_CODEC_FLOAT32;
      case BFLOAT16 -> Wire.TensorCodec.TENSOR_CODEC_BFLOAT16;
    };
  }

  private static TensorCodec read(Wire.TensorCodec p) {
    return switch (p) {
      case TENSOR_CODEC_FLOAT32 -> TensorCodec.FLOAT32;
      case TENSOR_CODEC_BFLOAT16 -> TensorCodec.BFLOAT16;
      case TENSOR_CODEC_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("unknown tensor codec " + p);
    };
  }

  private static Wire.PushId write(PushId m) {
    return Wire.PushId.newBuilder()
        .setTrainer(m.trainer())
        .setIncarnation(m.incarnation())
        .setRound(m.round())
        .build();
  }

  private static PushId read(Wire.PushId p) {
    return new PushId(p.getTrainer(), p.getIncarnation(), p.getRound());
  }

  private static Wire.UnitReport write(UnitReport m) {
    return Wire.UnitReport.newBuilder()
        .setLoss(m.loss())
        .setModelKernel(m.modelKernel())
        .setTargetKernel(m.targetKernel())
        .setCrossKernel(m.crossKernel())
        .setGradientNorm(m.gradientNorm())
        .setComputeSeconds(m.computeSeconds())
        .setWaitingSeconds(m.waitingSeconds())
        .setForwardSeconds(m.forwardSeconds())
        .setBackwardSeconds(m.backwardSeconds())
        .setIdleSeconds(m.idleSeconds())
        .setDataSeconds(m.dataSeconds())
        .build();
  }

  private static UnitReport read(Wire.UnitReport p) {
    return new UnitReport(
        p.getLoss(),
        p.getModelKernel(),
        p.getTargetKernel(),
        p.getCrossKernel(),
        p.getGradientNorm(),
        p.getComputeSeconds(),
        p.getWaitingSeconds(),
        p.getForwardSeconds(),
        p.getBackwardSeconds(),
        p.getIdleSeconds(),
        p.getDataSeconds());
  }

  private static Wire.EvaluationSchedule write(EvaluationSchedule m) {
    return Wire.EvaluationSchedule.newBuilder()
        .setVersion(m.version())
        .setPaused(m.paused())
        .addAllEntries(m.entries().stream().map(WireCodecs::write).toList())
        .build();
  }

  private static EvaluationSchedule read(Wire.EvaluationSchedule p) {
    return new EvaluationSchedule(
        p.getVersion(), p.getPaused(), p.getEntriesList().stream().map(WireCodecs::read).toList());
  }

  private static Wire.EvaluationEntry write(EvaluationEntry m) {
    return Wire.EvaluationEntry.newBuilder()
        .setName(m.name())
        .setEveryImages(m.everyImages())
        .setEveryMinutes(m.everyMinutes())
        .addAllAtImages(m.atImages())
        .setAtEnd(m.atEnd())
        .addAllSamplers(m.samplers().stream().map(WireCodecs::write).toList())
        .addAllSteps(m.steps())
        .addAllTracks(m.tracks())
        .setSamples(m.samples())
        .setGridImages(m.gridImages())
        .addAllMetrics(m.metrics().stream().map(WireCodecs::write).toList())
        .setGuidance(m.guidance())
        .setSeed(m.seed())
        .build();
  }

  private static EvaluationEntry read(Wire.EvaluationEntry p) {
    return new EvaluationEntry(
        p.getName(),
        p.getEveryImages(),
        p.getEveryMinutes(),
        p.getAtImagesList(),
        p.getAtEnd(),
        p.getSamplersList().stream().map(WireCodecs::read).toList(),
        p.getStepsList(),
        p.getTracksList(),
        p.getSamples(),
        p.getGridImages(),
        p.getMetricsList().stream().map(WireCodecs::read).toList(),
        p.getGuidance(),
        p.getSeed());
  }

  private static Wire.Sampler write(SamplerKind m) {
    return switch (m) {
      case PUSHFORWARD -> Wire.Sampler.SAMPLER_PUSHFORWARD;
      case RESTART -> Wire.Sampler.SAMPLER_RESTART;
      case EULER -> Wire.Sampler.SAMPLER_EULER;
      case HEUN -> Wire.Sampler.SAMPLER_HEUN;
      case DDIM -> Wire.Sampler.SAMPLER_DDIM;
      case DDPM -> Wire.Sampler.SAMPLER_DDPM;
      case SHORTCUT -> Wire.Sampler.SAMPLER_SHORTCUT;
      case ANCESTRAL -> Wire.Sampler.SAMPLER_ANCESTRAL;
    };
  }

  private static SamplerKind read(Wire.Sampler p) {
    return switch (p) {
      case SAMPLER_PUSHFORWARD -> SamplerKind.PUSHFORWARD;
      case SAMPLER_RESTART -> SamplerKind.RESTART;
      case SAMPLER_EULER -> SamplerKind.EULER;
      case SAMPLER_HEUN -> SamplerKind.HEUN;
      case SAMPLER_DDIM -> SamplerKind.DDIM;
      case SAMPLER_DDPM -> SamplerKind.DDPM;
      case SAMPLER_SHORTCUT -> SamplerKind.SHORTCUT;
      case SAMPLER_ANCESTRAL -> SamplerKind.ANCESTRAL;
      case SAMPLER_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("unknown sampler " + p);
    };
  }

  private static Wire.Metric write(EvaluationMetric m) {
    return switch (m) {
      case GRID -> Wire.Metric.METRIC_GRID;
      case FRECHET -> Wire.Metric.METRIC_FRECHET;
    };
  }

  private static EvaluationMetric read(Wire.Metric p) {
    return switch (p) {
      case METRIC_GRID -> EvaluationMetric.GRID;
      case METRIC_FRECHET -> EvaluationMetric.FRECHET;
      case METRIC_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("unknown metric " + p);
    };
  }

  private static Wire.Blend write(ServerMessage.Blend m) {
    return Wire.Blend.newBuilder().addAllWeights(m.weights()).setFactor(m.factor()).build();
  }

  private static ServerMessage.Blend read(Wire.Blend p) {
    return new ServerMessage.Blend(p.getWeightsList(), p.getFactor());
  }

  private static Wire.Effect write(ServerMessage.Effect m) {
    return switch (m) {
      case APPLY -> Wire.Effect.EFFECT_APPLY;
      case LEAVE_OUT -> Wire.Effect.EFFECT_LEAVE_OUT;
      case GO_BACK -> Wire.Effect.EFFECT_GO_BACK;
    };
  }

  private static ServerMessage.Effect read(Wire.Effect p) {
    return switch (p) {
      case EFFECT_APPLY -> ServerMessage.Effect.APPLY;
      case EFFECT_LEAVE_OUT -> ServerMessage.Effect.LEAVE_OUT;
      case EFFECT_GO_BACK -> ServerMessage.Effect.GO_BACK;
      case EFFECT_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("unknown effect " + p);
    };
  }

  private static Wire.Verdict write(Verdict m) {
    return switch (m) {
      case ACCEPTED -> Wire.Verdict.VERDICT_ACCEPTED;
      case DUPLICATE -> Wire.Verdict.VERDICT_DUPLICATE;
      case STALE -> Wire.Verdict.VERDICT_STALE;
      case WRONG_EPOCH -> Wire.Verdict.VERDICT_WRONG_EPOCH;
      case WRONG_UNIT -> Wire.Verdict.VERDICT_WRONG_UNIT;
      case NOT_FINITE -> Wire.Verdict.VERDICT_NOT_FINITE;
      case NOT_ADMITTED -> Wire.Verdict.VERDICT_NOT_ADMITTED;
      case NOT_ARRIVED -> Wire.Verdict.VERDICT_NOT_ARRIVED;
    };
  }

  private static Verdict read(Wire.Verdict p) {
    return switch (p) {
      case VERDICT_ACCEPTED -> Verdict.ACCEPTED;
      case VERDICT_DUPLICATE -> Verdict.DUPLICATE;
      case VERDICT_STALE -> Verdict.STALE;
      case VERDICT_WRONG_EPOCH -> Verdict.WRONG_EPOCH;
      case VERDICT_WRONG_UNIT -> Verdict.WRONG_UNIT;
      case VERDICT_NOT_FINITE -> Verdict.NOT_FINITE;
      case VERDICT_NOT_ADMITTED -> Verdict.NOT_ADMITTED;
      case VERDICT_NOT_ARRIVED -> Verdict.NOT_ARRIVED;
      case VERDICT_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("unknown verdict " + p);
    };
  }
}
