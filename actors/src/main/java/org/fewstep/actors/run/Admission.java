package org.fewstep.actors.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.ClusterEvent.ReachabilityEvent;
import org.apache.pekko.cluster.ClusterEvent.ReachableMember;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;
import org.fewstep.actors.coordinator.RunCoordinator.NodeReachable;
import org.fewstep.actors.coordinator.RunIdentity;
import org.fewstep.protocol.AdmissionMessage;
import org.fewstep.protocol.AdmissionMessage.AskRun;
import org.fewstep.protocol.AdmissionMessage.AskStop;
import org.fewstep.protocol.AdmissionMessage.Present;
import org.fewstep.protocol.CoordinatorMessage;
import org.fewstep.protocol.NodeMessage;
import org.fewstep.protocol.NodeMessage.RunEnded;
import org.fewstep.protocol.ServerMessage;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.WireMessage;
import org.jspecify.annotations.Nullable;

/**
 * Where nodes come to: tells them what the run is, or why they cannot take part, and at its end
 * that it is over. Found in the receptionist under {@link #KEY}. Also tells the coordinator which
 * nodes fall silent.
 */
final class Admission extends AbstractBehavior<AdmissionMessage> {
  /** Of its actor, below the guardian. */
  static final String NAME = "admission";

  static final ServiceKey<AdmissionMessage> KEY =
      ServiceKey.create(AdmissionMessage.class, "fewstep-admission");

  /** How long the end of a run waits for nodes that do not leave. */
  private static final Duration FAREWELL = Duration.ofSeconds(20);

  /** How soon a node that takes part says so, also one with all its cores at work. */
  private static final Duration ANSWER_OF_THE_LIVING = Duration.ofSeconds(5);

  private final TimerScheduler<AdmissionMessage> timers;
  private final OpenRun run;
  private final RunIdentity identity;
  private final TensorCodec codec;
  private final int localStepUnits;
  private final Actors actors;
  private final Set<ActorRef<NodeMessage>> nodes = new LinkedHashSet<>();
  private final Map<String, Holder> names = new HashMap<>();
  private final Set<ActorRef<NodeMessage>> askers = new LinkedHashSet<>();
  private @Nullable End end;

  /** Whom nodes work with. */
  record Actors(ActorRef<CoordinatorMessage> coordinator, ActorRef<ServerMessage> server) {}

  /**
   * The run is over.
   *
   * @param replyTo is told {@code gone} when all nodes are, or do not answer
   */
  record End(RunEnded news, ActorRef<NodeGuardian.Command> replyTo, NodeGuardian.Command gone)
      implements AdmissionMessage.Local {}

  private record Reachability(ReachabilityEvent event) implements AdmissionMessage.Local {}

  private record NodeGone(ActorRef<NodeMessage> node) implements AdmissionMessage.Local {}

  /** Whose a name is, and who else would like to have it, until that is decided. */
  private record Holder(
      ActorRef<NodeMessage> node, String owner, Set<ActorRef<NodeMessage>> rivals) {
    Holder(ActorRef<NodeMessage> node, String owner) {
      this(node, owner, new HashSet<>());
    }
  }

  private record NameFree(String name, ActorRef<NodeMessage> holder)
      implements AdmissionMessage.Local {}

  private record WaitedEnough() implements AdmissionMessage.Local {}

  static Behavior<AdmissionMessage> create(
      OpenRun run, RunIdentity identity, TensorCodec codec, int localStepUnits, Actors actors) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new Admission(context, timers, run, identity, codec, localStepUnits, actors)));
  }

  private Admission(
      ActorContext<AdmissionMessage> context,
      TimerScheduler<AdmissionMessage> timers,
      OpenRun run,
      RunIdentity identity,
      TensorCodec codec,
      int localStepUnits,
      Actors actors) {
    super(context);
    this.timers = timers;
    this.run = run;
    this.identity = identity;
    this.codec = codec;
    this.localStepUnits = localStepUnits;
    this.actors = actors;
    context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
    Cluster.get(context.getSystem())
        .subscriptions()
        .tell(
            Subscribe.create(
                context.messageAdapter(ReachabilityEvent.class, Reachability::new),
                ReachabilityEvent.class));
  }

  @Override
  public Receive<AdmissionMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(AskRun.class, this::onAskRun)
        .onMessage(Reachability.class, this::onReachability)
        .onMessage(End.class, this::onEnd)
        .onMessage(WaitedEnough.class, enough -> onWaitedEnough())
        .onMessage(AskStop.class, this::onAskStop)
        .onMessage(NodeGone.class, this::onNodeGone)
        .onMessage(Present.class, this::onPresent)
        .onMessage(NameFree.class, this::onNameFree)
        .build();
  }

  private Behavior<AdmissionMessage> onAskRun(AskRun ask) {
    Optional<String> objection = objection(ask);
    if (objection.isPresent()) {
      ask.replyTo().tell(new NodeMessage.TurnedAway(objection.get()));
      return this;
    }
    if (end != null) {
      ask.replyTo().tell(end.news());
      return this;
    }
    if (isTaken(ask)) {
      return this;
    }
    if (nodes.add(ask.replyTo())) {
      getContext().watchWith(ask.replyTo(), new NodeGone(ask.replyTo()));
    }
    ask.replyTo()
        .tell(
            new NodeMessage.RunOffer(
                run.name(),
                run.settings(),
                identity.modelHash(),
                identity.dataFingerprint(),
                run.evaluationChecksums(),
                codec,
                localStepUnits,
                actors.coordinator(),
                actors.server()));
    return this;
  }

  /**
   * Two nodes of one name would take each other's work for their own. Who starts a node again has
   * seen its predecessor die; of anybody else's, the run has yet to find out.
   */
  private boolean isTaken(AskRun ask) {
    Holder holder = names.get(ask.node());
    if (holder == null
        || holder.node().equals(ask.replyTo())
        || holder.owner().equals(ask.owner())) {
      names.put(ask.node(), new Holder(ask.replyTo(), ask.owner()));
      return false;
    }
    if (holder.rivals().isEmpty()) {
      holder.node().tell(new NodeMessage.AskPresence(getContext().getSelf().narrow()));
      timers.startSingleTimer(
          ask.node(), new NameFree(ask.node(), holder.node()), ANSWER_OF_THE_LIVING);
    }
    holder.rivals().add(ask.replyTo());
    return true;
  }

  private Behavior<AdmissionMessage> onPresent(Present present) {
    names.forEach(
        (name, holder) -> {
          if (holder.node().equals(present.node())) {
            timers.cancel(name);
            holder
                .rivals()
                .forEach(
                    rival ->
                        rival.tell(
                            new NodeMessage.TurnedAway(
                                "a worker's process named %s takes part already, from %s: give this worker another --name"
                                    .formatted(name, address(present.node())))));
            holder.rivals().clear();
          }
        });
    return this;
  }

  private static String address(ActorRef<NodeMessage> node) {
    Address address = node.path().address();
    return "%s:%s".formatted(address.getHost().orElse("here"), address.getPort().orElse(0));
  }

  /** The node is dead, or about to leave: who asks next may have its name. */
  private Behavior<AdmissionMessage> onNameFree(NameFree free) {
    Holder holder = names.get(free.name());
    if (holder != null && holder.node().equals(free.holder())) {
      names.remove(free.name());
    }
    return this;
  }

  /** Whoever asks belongs to no run, so it is told of the end and not waited for. */
  private Behavior<AdmissionMessage> onAskStop(AskStop ask) {
    if (end != null) {
      ask.replyTo().tell(end.news());
      return this;
    }
    askers.add(ask.replyTo());
    ask.replyTo().tell(new NodeMessage.RunStopping(run.name()));
    actors.coordinator().tell(new CoordinatorMessage.StopRun());
    return this;
  }

  private Optional<String> objection(AskRun ask) {
    if (ask.protocolVersion() != WireMessage.PROTOCOL_VERSION) {
      return Optional.of(
          "this node speaks protocol version %d, the run %d: use the same Fewstep on both"
              .formatted(ask.protocolVersion(), WireMessage.PROTOCOL_VERSION));
    }
    if (!ask.codeVersion().equals(run.codeVersion())) {
      return Optional.of(
          "this node has Fewstep %s, the run has %s: use the same on both"
              .formatted(ask.codeVersion(), run.codeVersion()));
    }
    return Optional.empty();
  }

  private Behavior<AdmissionMessage> onReachability(Reachability news) {
    ReachabilityEvent event = news.event();
    actors
        .coordinator()
        .tell(new NodeReachable(event.member().address(), event instanceof ReachableMember));
    return this;
  }

  private Behavior<AdmissionMessage> onEnd(End news) {
    end = news;
    nodes.forEach(node -> node.tell(news.news()));
    askers.forEach(asker -> asker.tell(news.news()));
    timers.startSingleTimer(new WaitedEnough(), FAREWELL);
    return farewell();
  }

  private Behavior<AdmissionMessage> onNodeGone(NodeGone gone) {
    nodes.remove(gone.node());
    names.values().removeIf(holder -> holder.node().equals(gone.node()));
    return farewell();
  }

  private Behavior<AdmissionMessage> farewell() {
    return end != null && nodes.isEmpty() ? onWaitedEnough() : this;
  }

  private Behavior<AdmissionMessage> onWaitedEnough() {
    if (end != null) {
      end.replyTo().tell(end.gone());
    }
    return Behaviors.empty();
  }
}
