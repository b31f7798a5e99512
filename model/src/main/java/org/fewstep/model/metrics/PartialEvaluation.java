package org.fewstep.model.metrics;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation has come to, kept on the disk now and then, so that the same evaluation goes
 * on from there after its process ended, to the same scores bit for bit: samples depend on their
 * index alone, and features are added up in the same order from the batch on at which it was left.
 *
 * <p>It lies in a folder of its own ({@link PartialFolder}), named after all that the scores depend
 * on, which is made at the first save, so that a short evaluation leaves no trace, and removed at
 * the end. What is damaged is computed anew. A disk that refuses, and another process that is at
 * the same evaluation, cost what would have been kept, not the evaluation.
 *
 * <p>An instance belongs to one thread.
 */
public final class PartialEvaluation implements AutoCloseable {
  private static final String NAME = "evaluation-%s.partial";
  private static final int DIGITS = 16;

  /** Between two saves goes this many times what the last one took, so that they cost 5 %. */
  private static final int COSTS = 20;

  /** But this many times what was asked for, at most. */
  private static final int LONGEST = 20;

  /**
   * What was collected of a set of images.
   *
   * @param seconds that it took
   */
  public record Collected(FeatureCollector features, double seconds) {}

  private final @Nullable Path parent;
  private final Duration every;
  private final Consumer<String> notes;
  private final MessageDigest identity = Sha256.digest();
  private final List<Score> scores = new ArrayList<>();
  private final Map<String, Long> found = new TreeMap<>();

  private final Set<String> unneeded = new LinkedHashSet<>();
  private @Nullable PartialFolder folder;
  private boolean off;
  private boolean refused;
  private boolean scoresSaved = true;
  private long lastSaveNanos = System.nanoTime();
  private long lastCostNanos;
  private volatile @Nullable Path saved;

  private PartialEvaluation(@Nullable Path parent, Duration every, Consumer<String> notes) {
    this.parent = parent;
    this.every = every;
    this.notes = notes;
    this.off = parent == null;
  }

  /** Keeps nothing. */
  public static PartialEvaluation none() {
    return new PartialEvaluation(null, Duration.ZERO, note -> {});
  }

  /**
   * What was kept of an evaluation, or the beginning of a new one. Which one it is {@link
   * #dependsOn} says, before anything else is asked.
   *
   * @param parent of the folders of all evaluations
   * @param every how often something is kept, at most; less often where that takes long
   * @param notes is told, a sentence each, what is gone on from and what could not be kept
   */
  public static PartialEvaluation in(Path parent, Duration every, Consumer<String> notes) {
    return new PartialEvaluation(parent, every, notes);
  }

  /** Tells it from other evaluations by something that its scores depend on. */
  public void dependsOn(Supplier<String> content) {
    if (parent == null) {
      return;
    }
    if (folder != null) {
      throw new IllegalStateException("the evaluation has begun");
    }
    byte[] bytes = content.get().getBytes(StandardCharsets.UTF_8);
    identity.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
    identity.update(bytes);
  }

  /**
   * The folder that the same evaluation would go on from; null if there is none. For any thread.
   */
  public @Nullable Path saved() {
    return saved;
  }

  /** Scores that are known. */
  public List<Score> scores() {
    begin();
    return List.copyOf(scores);
  }

  /** Keeps scores that have become known. */
  public void add(List<Score> known) {
    begin();
    scores.addAll(known);
    scoresSaved = false;
    if (saved != null || due()) {
      save(own -> {});
    }
  }

  /**
   * What is kept of a set of images.
   *
   * @param name of the set, in the plural
   * @param empty makes a collector for it, which is the answer if nothing is kept
   */
  public Collected resume(String name, Supplier<FeatureCollector> empty) {
    begin();
    PartialFolder own = folder;
    if (own != null && found.remove(name) != null) {
      try {
        return own.read(name, empty.get());
      } catch (IOException e) {
        notes.accept(
            "what %s holds of %s is damaged (%s): they start over"
                .formatted(own.root(), name, IoFailures.reason(e)));
        delete(own, name);
      }
    }
    return new Collected(empty.get(), 0);
  }

  /** A batch was added to a set: keeps it if it is time. */
  public void added(String name, Collected collected) {
    begin();
    if (due()) {
      save(own -> own.write(name, collected));
    }
  }

  /** A set is not needed any more: it goes once the scores that it gave are kept. */
  public void drop(String name) {
    unneeded.add(name);
    dropUnneeded();
  }

  private void dropUnneeded() {
    PartialFolder own = folder;
    if (scoresSaved && own != null && own.isTaken()) {
      unneeded.forEach(name -> delete(own, name));
      unneeded.clear();
    }
  }

  private static void delete(PartialFolder own, String name) {
    try {
      own.delete(name);
    } catch (IOException e) {
      // It goes with the folder.
    }
  }

  /**
   * Collects the first images of a data set, from where that was left.
   *
   * @param name of the set, in the plural
   * @param empty makes a collector
   * @param change as for {@link FeatureCollector#add(ImageDataset, int, int, UnaryOperator)}
   */
  FeatureCollector collect(
      String name,
      Supplier<FeatureCollector> empty,
      ImageDataset dataset,
      int count,
      UnaryOperator<double[]> change) {
    Collected collected = resume(name, empty);
    FeatureCollector features = collected.features();
    int start = Math.toIntExact(features.count());
    for (int from = start; from < count; from += FeatureCollector.BATCH_IMAGES) {
      features.add(dataset, from, Math.min(from + FeatureCollector.BATCH_IMAGES, count), change);
      added(name, collected);
    }
    if (start < count && saved != null) {
      save(own -> own.write(name, collected));
    }
    return features;
  }

  /** The evaluation is complete: what was kept goes. */
  public void finish() {
    PartialFolder own = folder;
    if (own != null && own.isTaken()) {
      try {
        own.remove();
      } catch (UserException e) {
        notes.accept(e.getMessage());
      }
    }
    close();
  }

  /** Leaves what is kept, and keeps nothing more. */
  @Override
  public void close() {
    saved = null;
    off = true;
    if (folder != null) {
      folder.close();
    }
  }

  /** Looks once for what was kept. */
  private void begin() {
    if (parent == null || folder != null) {
      return;
    }
    String fingerprint = HexFormat.of().formatHex(identity.digest());
    PartialFolder own =
        new PartialFolder(
            parent.resolve(NAME.formatted(fingerprint.substring(0, DIGITS))), fingerprint);
    folder = own;
    if (!off && Files.isDirectory(own.root()) && take(own)) {
      try {
        goOnFrom(own, own.look());
      } catch (IOException e) {
        startOver(own, IoFailures.cannotRead(own.root(), e));
      } catch (UserException e) {
        startOver(own, e);
      }
    }
  }

  /** Goes on without what cannot be read, and keeps nothing if that cannot be removed either. */
  private void startOver(PartialFolder own, UserException failure) {
    scores.clear();
    found.clear();
    try {
      own.clear();
    } catch (IOException | UserException e) {
      off = true;
    }
    notes.accept(
        "nothing is gone on from (%s): the evaluation starts over".formatted(failure.getMessage()));
  }

  private void goOnFrom(PartialFolder own, PartialFolder.Contents contents) throws IOException {
    if (!contents.damaged().isEmpty()) {
      notes.accept(
          "what %s holds is damaged (%s): the evaluation starts over"
              .formatted(own.root(), String.join("; ", contents.damaged())));
      own.clear();
      return;
    }
    scores.addAll(contents.scores());
    found.putAll(contents.images());
    List<String> parts = new ArrayList<>();
    if (!scores.isEmpty()) {
      parts.add("%d %s".formatted(scores.size(), scores.size() == 1 ? "score" : "scores"));
    }
    found.forEach((name, count) -> parts.add(String.format(Locale.ROOT, "%,d %s", count, name)));
    if (!parts.isEmpty()) {
      saved = own.root();
      notes.accept("goes on from %s: %s".formatted(own.root(), String.join(", ", parts)));
    }
  }

  private boolean take(PartialFolder own) {
    try {
      if (own.take()) {
        return true;
      }
      notes.accept(
          "another process is at the same evaluation; this one saves nothing to go on from");
      off = true;
    } catch (IOException e) {
      refuse(IoFailures.cannotWrite(own.root(), e));
      lastSaveNanos = System.nanoTime();
    }
    return false;
  }

  private boolean due() {
    long wanted = every.toNanos();
    long affordable = Math.min(COSTS * lastCostNanos, LONGEST * wanted);
    return !off && System.nanoTime() - lastSaveNanos >= Math.max(wanted, affordable);
  }

  /** What a save writes besides the scores. */
  @FunctionalInterface
  private interface Saving {
    void into(PartialFolder own) throws IOException;
  }

  private void save(Saving set) {
    PartialFolder own = folder;
    if (own == null || off || !(own.isTaken() || take(own))) {
      return;
    }
    long start = System.nanoTime();
    try {
      if (!scoresSaved) {
        own.write(scores);
        scoresSaved = true;
        dropUnneeded();
      }
      set.into(own);
      saved = own.root();
      refused = false;
    } catch (IOException e) {
      refuse(IoFailures.cannotWrite(own.root(), e));
    } catch (UserException e) {
      refuse(e);
    }
    lastSaveNanos = System.nanoTime();
    lastCostNanos = lastSaveNanos - start;
  }

  private void refuse(UserException failure) {
    if (!refused) {
      notes.accept(
          "nothing to go on from was saved (%s); the evaluation goes on and tries again"
              .formatted(failure.getMessage()));
    }
    refused = true;
  }
}
