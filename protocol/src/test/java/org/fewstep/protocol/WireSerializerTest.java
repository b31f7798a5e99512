package org.fewstep.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.NotSerializableException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.fewstep.config.EvaluationEntry;
import org.fewstep.config.EvaluationMetric;
import org.fewstep.config.SamplerKind;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WireSerializerTest {
  private static final int LARGEST_ORDINARY_MESSAGE_BYTES = 64 * 1024;

  private static final ActorTestKit KIT = ActorTestKit.create();

  private static final PushId PUSH = new PushId("trainer-1", 2, 37);
  private static final UnitReport REPORT =
      new UnitReport(0.5, 0.25, 0.75, -0.125, 3.5, 1.25, 0.5, 0.75, 0.375, 0.25, 0.125);
  private static final TensorTicket TICKET = new TensorTicket("local-9", 1_234_567);
  private static final TensorTicket REMOTE_TICKET =
      new TensorTicket(
          "bulk-9", 1_234_567, TensorCodec.BFLOAT16, "pekko://node@127.0.0.1:7000/user/bulk#-17");
  private static final EvaluationEntry ENTRY =
      new EvaluationEntry(
          "full",
          10_000,
          2.5,
          List.of(1000L, 5000L),
          true,
          List.of(SamplerKind.values()),
          List.of(1, 2, 4, 8),
          List.of("long", "live"),
          512,
          64,
          List.of(EvaluationMetric.values()),
          1.5,
          7);
  private static final EvaluationEntry ENTRY_OF_ONE_THING =
      new EvaluationEntry(
          "quick",
          0,
          0,
          List.of(),
          false,
          List.of(SamplerKind.RESTART),
          List.of(1),
          List.of("live"),
          2,
          1,
          List.of(EvaluationMetric.FRECHET),
          1,
          -1);
  private static final EvaluationSchedule SCHEDULE =
      new EvaluationSchedule(3, true, List.of(ENTRY, ENTRY_OF_ONE_THING));

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  static Stream<WireMessage> messages() {
    return Stream.of(
        new CoordinatorMessage.Join("trainer-1", 2, 1, "model", "data", "cpu:0", ref("trainer")),
        new CoordinatorMessage.RequestLease("loader", 3, ref("loader")),
        new CoordinatorMessage.ServerReady(1, 20, 1280, ref("server")),
        new CoordinatorMessage.ServerReady(1, 20, 1280, List.of(84L, 86L), ref("server")),
        new CoordinatorMessage.Staged(PUSH, 1, 81, 20, 16, REPORT, "enc.conv.weight"),
        new CoordinatorMessage.PushLost(PUSH, 81),
        new CoordinatorMessage.Published(1, 21, 1344, 0.75, 2e-4),
        new CoordinatorMessage.CheckpointWritten(21, 1344, "/runs/q/checkpoints/000021"),
        new CoordinatorMessage.CheckpointFailed(21, 1344, "no space left"),
        new CoordinatorMessage.TrackKept(21, 1344, "long", TICKET),
        new CoordinatorMessage.EvaluatorReady("evaluator", ref("evaluator")),
        new CoordinatorMessage.PartDone("evaluator", 6, List.of("{\"value\":1.5}", "{}")),
        new CoordinatorMessage.PartDone(
            "evaluator", 6, List.of(), new SampleGrid(3, 32, 28, REMOTE_TICKET)),
        new CoordinatorMessage.GetSchedule(ref("asker")),
        new CoordinatorMessage.ReplaceSchedule(3, SCHEDULE, true, ref("asker")),
        new CoordinatorMessage.PauseSchedule(true, ref("asker")),
        new CoordinatorMessage.EvaluateNow(List.of("full"), ref("asker")),
        new CoordinatorMessage.GetStatus(ref("asker")),
        new CoordinatorMessage.StopRun(),
        new LoaderMessage.LeaseGranted(5, 19, 80, 4, 60_000, 20, 1),
        new LoaderMessage.VersionPublished(21, 1344),
        new TrainerMessage.Admitted(4),
        new TrainerMessage.Refused("another data set"),
        new TrainerMessage.Snapshot(1, 20, 1280, TICKET),
        new TrainerMessage.Snapshot(1, 20, 1280, REMOTE_TICKET),
        new TrainerMessage.PushAck(37, Verdict.STALE),
        new TrainerMessage.PushAck(37, Verdict.ACCEPTED, 22),
        new ServerMessage.PullSnapshot(20, ref("trainer")),
        new ServerMessage.Push(PUSH, 1, 81, 20, 16, REPORT, TICKET, ref("trainer")),
        new ServerMessage.Judged(PUSH, Verdict.DUPLICATE),
        new ServerMessage.Judged(PUSH, Verdict.ACCEPTED, 22),
        new ServerMessage.Decision(
            1, 21, List.of(PUSH, PUSH), 1344, SCHEDULE, true, ServerMessage.Effect.APPLY),
        new ServerMessage.Decision(
            1, 22, List.of(), 1408, null, false, ServerMessage.Effect.LEAVE_OUT),
        new ServerMessage.Decision(
            1, 23, List.of(), 1472, null, false, ServerMessage.Effect.GO_BACK),
        new ServerMessage.Decision(
            1,
            24,
            List.of(PUSH, PUSH),
            1504,
            null,
            false,
            ServerMessage.Effect.APPLY,
            new ServerMessage.Blend(List.of(16.0, 8.0), 0.75),
            List.of(96L, 97L)),
        new ServerMessage.WriteCheckpoint(21),
        new ServerMessage.ReleaseTrack(21, "long"),
        new EvaluatorMessage.EvaluatePart(
            6, 21, 1344, "long", ENTRY, SamplerKind.RESTART, 4, TICKET),
        new EvaluatorMessage.CancelPart(6),
        new AdmissionMessage.AskRun("node", "host-17", 1, "0.1.0", ref("node")),
        new AdmissionMessage.Present(ref("node")),
        new NodeMessage.AskPresence(ref("admission")),
        new NodeMessage.RunOffer(
            "run",
            "batch = 8",
            "model",
            "data",
            Map.of("evaluation.reference", "1a2b"),
            TensorCodec.BFLOAT16,
            3,
            ref("coordinator"),
            ref("server")),
        new AdmissionMessage.AskStop(ref("asker")),
        new NodeMessage.TurnedAway("another version"),
        new NodeMessage.RunStopping("run"),
        new NodeMessage.RunEnded(1344, true, "the disk is full"),
        new ScheduleReply.Current(SCHEDULE),
        new ScheduleReply.Replaced(SCHEDULE),
        new ScheduleReply.Conflict(SCHEDULE),
        new ScheduleReply.Ordered(4, 256),
        new ScheduleReply.Refused("no such entry"),
        new StatusReply.Status("{}"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldComeBackEqualWhenAMessageCrossesTheWire(WireMessage message) {
    KIT.serializationTestKit().verifySerialization(message, true);
  }

  @ParameterizedTest
  @MethodSource("messages")
  void shouldStaySmallWhenAMessageIsOrdinary(WireMessage message) throws Exception {
    assertThat(serialization().serialize(message).get())
        .hasSizeLessThan(LARGEST_ORDINARY_MESSAGE_BYTES);
  }

  @Test
  void shouldNameEveryMessageWhenTheTableIsChecked() {
    Set<Class<?>> tested =
        messages().<Class<?>>map(Object::getClass).collect(Collectors.toUnmodifiableSet());

    assertThat(tested).isEqualTo(Set.of(WireMessage.class.getPermittedSubclasses()));
  }

  @Test
  void shouldReachAWireMessageFromEveryRecipientWhenItIsNotLocal() {
    Stream<Class<?>> recipients =
        Stream.of(
            CoordinatorMessage.class,
            LoaderMessage.class,
            TrainerMessage.class,
            ServerMessage.class,
            EvaluatorMessage.class,
            AdmissionMessage.class,
            NodeMessage.class,
            ScheduleReply.class,
            StatusReply.class);

    assertThat(recipients.flatMap(r -> Arrays.stream(r.getPermittedSubclasses())))
        .filteredOn(message -> !message.getSimpleName().equals("Local"))
        .containsExactlyInAnyOrder(WireMessage.class.getPermittedSubclasses());
  }

  @Test
  void shouldKeepAnAbsentEvaluationAbsentWhenADecisionCrossesTheWire() {
    var decision =
        new ServerMessage.Decision(
            1, 21, List.of(PUSH), 1344, null, false, ServerMessage.Effect.APPLY);

    KIT.serializationTestKit().verifySerialization(decision, true);
  }

  @ParameterizedTest
  @MethodSource("verdicts")
  void shouldKeepTheVerdictWhenItCrossesTheWire(Verdict verdict) {
    KIT.serializationTestKit().verifySerialization(new TrainerMessage.PushAck(1, verdict), true);
  }

  static Stream<Verdict> verdicts() {
    return Stream.of(Verdict.values());
  }

  /** What an older node wrote must be read for ever: these bytes are never regenerated. */
  @Test
  void shouldWriteTheSameBytesAndManifestAsEverWhenTheProtocolVersionIsOne() throws Exception {
    var judged = new ServerMessage.Judged(PUSH, Verdict.NOT_FINITE);
    byte[] golden = HexFormat.of().parseHex("0a0f0a09747261696e65722d31100218251006");

    WireSerializer serializer =
        (WireSerializer) serialization().serializerFor(ServerMessage.Judged.class);

    assertThat(serializer.identifier()).isEqualTo(736_001);
    assertThat(serializer.manifest(judged)).isEqualTo("1:judged");
    assertThat(serializer.toBinary(judged)).isEqualTo(golden);
    assertThat(serializer.fromBinary(golden, "1:judged")).isEqualTo(judged);
  }

  /** A node of another version must be able to ask, and to read why it is turned away. */
  @Test
  void shouldKeepVersionZeroWhenNodesMeet() throws Exception {
    WireSerializer serializer = wireSerializer();

    assertThat(serializer.manifest(new AdmissionMessage.AskRun("node", "", 9, "9.0", ref("node"))))
        .isEqualTo("0:ask-run");
    assertThat(serializer.manifest(new NodeMessage.TurnedAway("no"))).isEqualTo("0:turned-away");
    assertThat(serializer.manifest(new NodeMessage.RunEnded(0, false, "")))
        .isEqualTo("0:run-ended");
  }

  @Test
  void shouldReadTheBytesOfALeaseWhenAnOlderNodeWroteThem() throws Exception {
    byte[] golden = HexFormat.of().parseHex("080510141850200428e0d4033013");

    assertThat(wireSerializer().fromBinary(golden, "1:lease-granted"))
        .isEqualTo(new LoaderMessage.LeaseGranted(5, 20, 80, 4, 60_000, 19));
  }

  @Test
  void shouldRefuseTheMessageWhenItsNameOrVersionIsUnknown() {
    assertThatThrownBy(() -> wireSerializer().fromBinary(new byte[0], "1:unheard-of"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("1:unheard-of");
    assertThatThrownBy(() -> wireSerializer().fromBinary(new byte[0], "2:judged"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("protocol version 1");
  }

  @Test
  void shouldRefuseTheMessageWhenItsBytesAreBroken() {
    assertThatThrownBy(() -> wireSerializer().fromBinary(new byte[] {10, 100, 1}, "1:judged"))
        .isInstanceOf(NotSerializableException.class);
    byte[] unknownVerdict = HexFormat.of().parseHex("105a");
    assertThatThrownBy(() -> wireSerializer().fromBinary(unknownVerdict, "1:judged"))
        .isInstanceOf(NotSerializableException.class)
        .hasRootCauseMessage("unknown verdict UNRECOGNIZED");
  }

  @Test
  void shouldNotFallBackToJavaSerialisationWhenAMessageIsLocal() {
    record Local() implements TrainerMessage.Local {}

    assertThatThrownBy(() -> serialization().serialize(new Local()).get())
        .isInstanceOf(NotSerializableException.class);
  }

  private static Serialization serialization() {
    return SerializationExtension.get(Adapter.toClassic(KIT.system()));
  }

  private static WireSerializer wireSerializer() throws NotSerializableException {
    return (WireSerializer) serialization().serializerFor(WireMessage.class);
  }

  private static <T> ActorRef<T> ref(String name) {
    return KIT.<T>createTestProbe(name).getRef();
  }
}
