package org.fewstep.protocol.bulk;

import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.fewstep.protocol.TensorTicket;
import org.jspecify.annotations.Nullable;

/**
 * Brings one tensor from another node, then ends.
 *
 * <p>The reader leads: it asks for each chunk by its place in the tensor and keeps as many asked
 * for as it has credit; each that arrives lets it ask for the next. Messages may be lost, come
 * twice or in another order, so a chunk counts once, where it belongs, whenever it comes. A chunk
 * whose checksum is wrong is asked for again. When none comes for a while, all that are still owed
 * are asked for again.
 *
 * <p>BULK-1: the stage ends. Each chunk is damaged a bounded number of times, silences between two
 * chunks are bounded in length and number, and the holder's end is noticed; an actor that stops for
 * any other reason fails its stage as it goes.
 */
final class TensorReader extends AbstractBehavior<ReaderMessage> {
  private final TensorTicket ticket;
  private final ActorRef<HolderMessage> holder;
  private final BulkSettings settings;
  private final ChunkFilter filter;
  private final CompletableFuture<float[]> result;
  private final TimerScheduler<ReaderMessage> timers;

  private final int chunkElements;
  private final int chunks;
  private final BitSet owed = new BitSet();
  private final BitSet arrived = new BitSet();
  private final int[] damaged;
  private int next;
  private int silences;

  /** Allocated when the first chunk comes: whoever is refused needs no memory. */
  private float @Nullable [] tensor;

  static Behavior<ReaderMessage> create(
      TensorTicket ticket,
      ActorRef<HolderMessage> holder,
      BulkSettings settings,
      ChunkFilter filter,
      CompletableFuture<float[]> result) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers ->
                    new TensorReader(context, timers, ticket, holder, settings, filter, result)));
  }

  private TensorReader(
      ActorContext<ReaderMessage> context,
      TimerScheduler<ReaderMessage> timers,
      TensorTicket ticket,
      ActorRef<HolderMessage> holder,
      BulkSettings settings,
      ChunkFilter filter,
      CompletableFuture<float[]> result) {
    super(context);
    this.timers = timers;
    this.ticket = ticket;
    this.holder = holder;
    this.settings = settings;
    this.filter = filter;
    this.result = result;
    this.chunkElements = settings.chunkBytes() / ticket.codec().bytesPerElement();
    // An empty tensor is one empty chunk, so that its holder is asked whether it exists.
    this.chunks = (int) Math.max(1, (ticket.elements() + chunkElements - 1) / chunkElements);
    this.damaged = new int[chunks];
    context.watch(holder);
    askWithinCredit();
    awaitNext();
  }

  @Override
  public Receive<ReaderMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(TensorChunk.class, this::onChunk)
        .onMessage(TensorSlice.class, slice -> onChunk(slice.encoded()))
        .onMessage(ReaderMessage.Refused.class, refused -> fail(refused.reason()))
        .onMessage(ReaderMessage.Silence.class, silence -> onSilence())
        .onSignal(Terminated.class, end -> fail(describe("ended with its holder " + holder)))
        .onSignal(PostStop.class, signal -> onPostStop())
        .build();
  }

  private void askWithinCredit() {
    while (next < chunks && owed.cardinality() < settings.credit()) {
      owed.set(next);
      ask(next++);
    }
  }

  private void ask(int chunk) {
    holder.tell(
        new HolderMessage.AskChunk(
            ticket.transferId(),
            ticket.elements(),
            first(chunk),
            count(chunk),
            getContext().getSelf()));
  }

  private void awaitNext() {
    timers.startSingleTimer(new ReaderMessage.Silence(), settings.patience());
  }

  private Behavior<ReaderMessage> onChunk(TensorChunk chunk) {
    filter.pass(chunk, this::accept);
    return result.isDone() ? Behaviors.stopped() : this;
  }

  private void accept(TensorChunk chunk) {
    if (!chunk.isIntact()) {
      onDamaged(chunk);
      return;
    }
    ChunkHeader says = chunk.says();
    int index = says.first() / chunkElements;
    if (says.codec() != ticket.codec()
        || index >= chunks
        || says.first() != first(index)
        || says.count() != count(index)
        || chunk.elementBytes() != says.count() * says.codec().bytesPerElement()) {
      fail(describe("sent a chunk that its ticket does not know: " + says));
      return;
    }
    if (arrived.get(index)) {
      return;
    }
    chunk.copyTo(destination());
    arrived.set(index);
    owed.clear(index);
    silences = 0;
    if (arrived.cardinality() == chunks) {
      result.complete(destination());
      return;
    }
    askWithinCredit();
    awaitNext();
  }

  /** The header may be what is damaged: if it names no chunk that is owed, silence will tell. */
  private void onDamaged(TensorChunk chunk) {
    int first = chunk.saysFirst();
    int index = first / chunkElements;
    if (first < 0 || !owed.get(index)) {
      return;
    }
    if (++damaged[index] > settings.repeats()) {
      fail(
          describe(
              "arrived damaged %d times at element %d".formatted(damaged[index], first(index))));
      return;
    }
    getContext()
        .getLog()
        .warn("chunk {} of tensor {} arrived damaged; asking again", index, ticket.transferId());
    ask(index);
  }

  private Behavior<ReaderMessage> onSilence() {
    if (++silences > settings.repeats()) {
      Duration waited = settings.patience().multipliedBy(silences);
      return fail(
          describe(
              "did not come: nothing from %s for %s ms"
                  .formatted(holder.path(), waited.toMillis())));
    }
    owed.stream().forEach(this::ask);
    awaitNext();
    return this;
  }

  private Behavior<ReaderMessage> fail(String reason) {
    result.completeExceptionally(new TransferFailedException(reason));
    return Behaviors.stopped();
  }

  private Behavior<ReaderMessage> onPostStop() {
    result.completeExceptionally(
        new TransferFailedException(describe("was not brought to its end")));
    return this;
  }

  private String describe(String what) {
    return "tensor %s %s (%d of %d chunks had come)"
        .formatted(ticket.transferId(), what, arrived.cardinality(), chunks);
  }

  private float[] destination() {
    if (tensor == null) {
      tensor = new float[(int) ticket.elements()];
    }
    return tensor;
  }

  private int first(int chunk) {
    return chunk * chunkElements;
  }

  private int count(int chunk) {
    return (int) Math.min(chunkElements, ticket.elements() - first(chunk));
  }
}
