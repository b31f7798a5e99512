package org.fewstep.protocol.bulk;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * The actor behind a transport: gives other nodes' readers the chunks they ask for, and has a
 * reader of its own for each tensor that is wanted here.
 *
 * <p>It knows nothing about those who read: every message asks for one chunk and says where to, so
 * a reader that died leaves nothing behind. Its own path gets those small messages on the ordinary
 * lane; the readers are below it, so chunks travel on the large lane.
 */
final class TensorHolder extends AbstractBehavior<HolderMessage> {
  private static final Duration SWEEP = Duration.ofSeconds(5);

  private final Parts parts;
  private final Runnable onStop;
  private final ActorRefResolver resolver;

  /**
   * What a transport shares with its actor.
   *
   * @param unfinished fetches; ended by force when the actor ends
   */
  record Parts(
      TensorStore store,
      BulkSettings settings,
      ChunkFilter filter,
      Set<CompletableFuture<float[]>> unfinished) {

    Parts(TensorStore store, BulkSettings settings, ChunkFilter filter) {
      this(store, settings, filter, ConcurrentHashMap.newKeySet());
    }
  }

  static Behavior<HolderMessage> create(Parts parts, Runnable onStop) {
    Behavior<HolderMessage> holder =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers -> {
                      timers.startTimerWithFixedDelay(new HolderMessage.LetGoOfWhatIsOver(), SWEEP);
                      return new TensorHolder(context, parts, onStop);
                    }));
    return Behaviors.supervise(holder).onFailure(SupervisorStrategy.resume());
  }

  private TensorHolder(ActorContext<HolderMessage> context, Parts parts, Runnable onStop) {
    super(context);
    this.parts = parts;
    this.onStop = onStop;
    this.resolver = ActorRefResolver.get(context.getSystem());
  }

  @Override
  public Receive<HolderMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(HolderMessage.AskChunk.class, this::onAskChunk)
        .onMessage(HolderMessage.Release.class, this::onRelease)
        .onMessage(HolderMessage.Fetch.class, this::onFetch)
        .onMessage(HolderMessage.LetGoOfWhatIsOver.class, tick -> onLetGoOfWhatIsOver())
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private Behavior<HolderMessage> onAskChunk(HolderMessage.AskChunk ask) {
    ask.replyTo().tell(answer(ask));
    return this;
  }

  private ReaderMessage answer(HolderMessage.AskChunk ask) {
    try {
      TensorSlice slice =
          parts.store().find(ask.transferId(), ask.elements()).slice(ask.first(), ask.count());
      if (slice.bytes() - ChunkHeader.BYTES <= BulkSettings.MAX_CHUNK_BYTES) {
        return slice;
      }
      return new ReaderMessage.Refused("a chunk of %d bytes is too large".formatted(slice.bytes()));
    } catch (TransferFailedException e) {
      return new ReaderMessage.Refused(Objects.requireNonNull(e.getMessage()));
    } catch (IndexOutOfBoundsException e) {
      return new ReaderMessage.Refused(
          "tensor %s has no %d elements from %d on"
              .formatted(ask.transferId(), ask.count(), ask.first()));
    }
  }

  private Behavior<HolderMessage> onRelease(HolderMessage.Release release) {
    parts.store().release(release.transferId());
    return this;
  }

  private Behavior<HolderMessage> onFetch(HolderMessage.Fetch fetch) {
    ActorRef<HolderMessage> holder = resolver.resolveActorRef(fetch.ticket().holder());
    if (holder.path().equals(getContext().getSystem().deadLetters().path())) {
      fetch
          .result()
          .completeExceptionally(
              new TransferFailedException(
                  "tensor %s is said to be with \"%s\", which is no address"
                      .formatted(fetch.ticket().transferId(), fetch.ticket().holder())));
      return this;
    }
    getContext()
        .spawnAnonymous(
            TensorReader.create(
                fetch.ticket(), holder, parts.settings(), parts.filter(), fetch.result()));
    return this;
  }

  private Behavior<HolderMessage> onLetGoOfWhatIsOver() {
    parts.store().letGoOfWhatIsOver();
    return this;
  }

  private Behavior<HolderMessage> onPostStop() {
    onStop.run();
    return this;
  }
}
