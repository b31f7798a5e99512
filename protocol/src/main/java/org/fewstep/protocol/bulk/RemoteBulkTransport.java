package org.fewstep.protocol.bulk;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.fewstep.protocol.TensorCodec;
import org.fewstep.protocol.TensorTicket;
import org.jspecify.annotations.Nullable;

/**
 * Brings tensors from other nodes over Artery's large-message lane, by chunk and credit, and hands
 * over those of its own node.
 *
 * <p>A node has one, which its guardian starts with {@link #spawn}; the name of the actor behind it
 * is what puts chunks on the large lane. Both nodes need these settings, which {@link
 * #arterySettings} holds:
 *
 * <pre>
 *   pekko.remote.artery {
 *     large-message-destinations = ["/user/bulk/**"]
 *     advanced {
 *       maximum-large-frame-size = 2 MiB   # a chunk of 1 MiB and what Artery adds
 *       large-buffer-pool-size = 32        # direct buffers of that size for each lane's end: 64 MiB
 *     }
 *   }
 * </pre>
 *
 * <p>They stand in this module's {@code reference.conf} too, but where two such files name a key
 * the order of the class path decides, and Pekko's names these: put {@link #arterySettings} above
 * them, as in {@code ConfigFactory.load(mine.withFallback(RemoteBulkTransport.arterySettings()))}.
 *
 * <p>A reader watches the holder, which Pekko does only inside a cluster (or with {@code
 * pekko.remote.use-unsafe-remote-features-outside-cluster}). Elsewhere a holder's end is noticed by
 * its silence.
 */
public final class RemoteBulkTransport implements BulkTransport {
  /** The name of the actor behind a transport. */
  public static final String NAME = "bulk";

  private static final String GUARDIAN = "/user";
  private static final String LANE = GUARDIAN + "/" + NAME + "/**";
  private static final String DESTINATIONS = "pekko.remote.artery.large-message-destinations";
  private static final String FRAME = "pekko.remote.artery.advanced.maximum-large-frame-size";

  /** Room for Artery's own header and for the two actors' paths. */
  private static final int ENVELOPE_BYTES = 64 * 1024;

  private static final String CONFIGURATION = "bulk-artery.conf";

  private final TensorHolder.Parts parts;
  private final ActorRef<HolderMessage> holder;
  private final ActorRefResolver resolver;
  private final String address;

  private volatile boolean stopped;

  /** What Artery has to be told, with nothing else in it; the same on every node. */
  public static Config arterySettings() {
    return ConfigFactory.parseResources(
        RemoteBulkTransport.class.getClassLoader(),
        CONFIGURATION,
        ConfigParseOptions.defaults().setAllowMissing(false));
  }

  /**
   * Starts a node's transport; it ends with the guardian. All fetches that are not finished fail
   * then, as do those that come later.
   *
   * @param guardian of the node, the actor {@code /user}
   * @throws IllegalStateException if called by another actor, or if the node is remote but Artery
   *     was not told of the large lane
   */
  public static RemoteBulkTransport spawn(ActorContext<?> guardian) {
    return spawn(guardian, BulkSettings.DEFAULT);
  }

  /** As {@link #spawn(ActorContext)}. */
  public static RemoteBulkTransport spawn(ActorContext<?> guardian, BulkSettings settings) {
    return spawn(guardian, settings, ChunkFilter.NONE);
  }

  static RemoteBulkTransport spawn(
      ActorContext<?> guardian, BulkSettings settings, ChunkFilter filter) {
    checkLane(guardian.getSystem(), settings);
    if (!guardian.getSelf().path().toStringWithoutAddress().equals(GUARDIAN)) {
      throw new IllegalStateException(
          "tensors travel on the large lane only if %s starts their transport, not %s"
              .formatted(GUARDIAN, guardian.getSelf().path()));
    }
    return new RemoteBulkTransport(guardian, settings, filter);
  }

  private RemoteBulkTransport(ActorContext<?> guardian, BulkSettings settings, ChunkFilter filter) {
    parts = new TensorHolder.Parts(new TensorStore("bulk-", System::nanoTime), settings, filter);
    holder = guardian.spawn(TensorHolder.create(parts, this::stop), NAME);
    resolver = ActorRefResolver.get(guardian.getSystem());
    address = resolver.toSerializationFormat(holder);
  }

  private static void checkLane(ActorSystem<?> system, BulkSettings settings) {
    if (system.address().getHost().isPresent()) {
      check(system.settings().config(), settings);
    }
  }

  static void check(Config config, BulkSettings settings) {
    if (!config.getStringList(DESTINATIONS).contains(LANE)) {
      throw new IllegalStateException(
          "%s lacks \"%s\": tensors would hold up all other messages"
              .formatted(DESTINATIONS, LANE));
    }
    if (config.getBytes(FRAME) < settings.chunkBytes() + ENVELOPE_BYTES) {
      throw new IllegalStateException(
          "%s is %d bytes, too few for chunks of %d"
              .formatted(FRAME, config.getBytes(FRAME), settings.chunkBytes()));
    }
  }

  @Override
  public TensorTicket offer(float[] tensor, TensorCodec codec) {
    return hold(tensor, codec, null);
  }

  @Override
  public TensorTicket offer(float[] tensor, TensorCodec codec, Duration timeToLive) {
    return hold(tensor, codec, timeToLive);
  }

  private TensorTicket hold(float[] tensor, TensorCodec codec, @Nullable Duration timeToLive) {
    String transferId = parts.store().hold(tensor, codec, timeToLive);
    return new TensorTicket(transferId, tensor.length, codec, address);
  }

  @Override
  public CompletionStage<float[]> fetch(TensorTicket ticket) {
    CompletableFuture<float[]> result = new CompletableFuture<>();
    if (isOurs(ticket)) {
      handOver(ticket, result);
    } else if (ticket.elements() < 0 || ticket.elements() > Integer.MAX_VALUE) {
      result.completeExceptionally(
          new TransferFailedException(
              "tensor %s has %d elements, which no array holds"
                  .formatted(ticket.transferId(), ticket.elements())));
    } else {
      parts.unfinished().add(result);
      result.whenComplete((tensor, failure) -> parts.unfinished().remove(result));
      holder.tell(new HolderMessage.Fetch(ticket, result));
      if (stopped) {
        failUnfinished();
      }
    }
    return result;
  }

  private void handOver(TensorTicket ticket, CompletableFuture<float[]> result) {
    try {
      result.complete(parts.store().find(ticket.transferId(), ticket.elements()).seenByReaders());
    } catch (TransferFailedException e) {
      result.completeExceptionally(e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>For another node's tensor it sends one message, which may be lost: whoever offers a tensor
   * to a reader elsewhere gives it a time to live.
   */
  @Override
  public void release(TensorTicket ticket) {
    if (isOurs(ticket)) {
      parts.store().release(ticket.transferId());
    } else {
      resolver
          .<HolderMessage>resolveActorRef(ticket.holder())
          .tell(new HolderMessage.Release(ticket.transferId()));
    }
  }

  private boolean isOurs(TensorTicket ticket) {
    return ticket.holder().isEmpty() || ticket.holder().equals(address);
  }

  /** Number of tensors offered and not released. */
  public int held() {
    return parts.store().size();
  }

  private void stop() {
    stopped = true;
    failUnfinished();
    parts.store().letGoOfAll();
  }

  private void failUnfinished() {
    parts
        .unfinished()
        .forEach(
            result ->
                result.completeExceptionally(
                    new TransferFailedException("the bulk transport of this node has stopped")));
  }
}
