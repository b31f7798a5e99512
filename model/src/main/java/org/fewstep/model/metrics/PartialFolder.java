package org.fewstep.model.metrics;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.SealedFiles;
import org.fewstep.model.metrics.PartialEvaluation.Collected;
import org.fewstep.model.metrics.distance.FeatureRows;
import org.jspecify.annotations.Nullable;

/**
 * The files of a {@link PartialEvaluation}: the scores that are known; and of each set of images a
 * file with the moments of its features, replaced as a whole at each save, and for features that
 * are kept one by one a {@link RowFile}, which only grows. The file of moments says which rows
 * belong to it, so that a crash between both harms neither. All carry checksums.
 *
 * <p>One process at a time has the folder; the operating system keeps count.
 */
final class PartialFolder implements AutoCloseable {
  private static final int FORMAT = 1;
  private static final String STATE = ".state";
  private static final String SCORES = "scores" + STATE;
  private static final String LOCK = "lock";

  private final Path root;
  private final String fingerprint;
  private final Map<String, Map<FeatureOutput, RowFile>> rowFiles = new TreeMap<>();
  private @Nullable FileChannel lock;

  /**
   * @param fingerprint of the evaluation, that no other's files are taken for its own
   */
  PartialFolder(Path root, String fingerprint) {
    this.root = root;
    this.fingerprint = fingerprint;
  }

  Path root() {
    return root;
  }

  boolean isTaken() {
    return lock != null;
  }

  /**
   * Takes the folder for this process, and makes it where necessary.
   *
   * @return false if another process has it
   */
  boolean take() throws IOException {
    Files.createDirectories(root);
    FileChannel channel =
        FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!tryLock(channel)) {
      channel.close();
      return false;
    }
    lock = channel;
    removeLeftovers();
    return true;
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // this process has it
    }
  }

  /**
   * What lies here.
   *
   * @param images how many of each set
   * @param damaged files that are not as they were written, and why
   */
  record Contents(List<Score> scores, Map<String, Long> images, List<String> damaged) {}

  /** Looks for what was saved; the rows are checked when they are read. */
  Contents look() throws IOException {
    AtomicFiles.removeLeftovers(root, name -> true);
    Contents contents = new Contents(new ArrayList<>(), new TreeMap<>(), new ArrayList<>());
    for (Path state : states()) {
      try {
        SealedFiles.check(state);
        if (state.endsWith(SCORES)) {
          contents.scores.addAll(SealedFiles.read(state, this::readScores));
        } else {
          SealedFiles.read(state, in -> contents.images.put(readName(in), in.readLong()));
        }
      } catch (IOException e) {
        contents.damaged.add("%s: %s".formatted(state.getFileName(), IoFailures.reason(e)));
      }
    }
    return contents;
  }

  /** Forgets all that was saved. */
  void clear() throws IOException {
    for (Path state : states()) {
      Files.delete(state);
    }
  }

  private List<Path> states() throws IOException {
    try (Stream<Path> all = Files.list(root)) {
      return all.filter(file -> file.toString().endsWith(STATE)).sorted().toList();
    }
  }

  /** Replaces the scores. */
  void write(List<Score> scores) {
    SealedFiles.write(
        root.resolve(SCORES),
        out -> {
          out.writeInt(FORMAT);
          out.writeUTF(fingerprint);
          out.writeInt(scores.size());
          for (Score score : scores) {
            out.writeUTF(ScoreJson.toLine(score));
          }
        });
  }

  /** Replaces a set's moments, and appends the rows that are new. */
  void write(String name, Collected collected) throws IOException {
    FeatureCollector features = collected.features();
    Map<FeatureOutput, RowFile> files =
        rowFiles.computeIfAbsent(name, n -> new EnumMap<>(FeatureOutput.class));
    for (Map.Entry<FeatureOutput, FeatureRows> rows : features.allRows().entrySet()) {
      files
          .computeIfAbsent(rows.getKey(), output -> rowFile(name, output, rows.getValue()))
          .append(rows.getValue());
    }
    SealedFiles.write(
        state(name),
        out -> {
          out.writeInt(FORMAT);
          out.writeUTF(fingerprint);
          out.writeUTF(name);
          out.writeLong(features.count());
          out.writeDouble(collected.seconds());
          for (RowFile file : files.values()) {
            out.writeInt(file.rows());
            out.writeUTF(file.sha256());
          }
          features.writeMoments(out);
        });
  }

  /**
   * Reads a set.
   *
   * @param empty a collector like the one that was saved; receives what it held
   * @throws IOException if it is damaged; the collector is of no use then
   */
  Collected read(String name, FeatureCollector empty) throws IOException {
    return SealedFiles.read(
        state(name),
        in -> {
          if (!readName(in).equals(name)) {
            throw new IOException("it holds something else");
          }
          long count = in.readLong();
          double seconds = in.readDouble();
          Map<FeatureOutput, RowFile> files = new EnumMap<>(FeatureOutput.class);
          for (Map.Entry<FeatureOutput, FeatureRows> rows : empty.allRows().entrySet()) {
            RowFile file = rowFile(name, rows.getKey(), rows.getValue());
            file.takeUp(in.readInt(), in.readUTF(), rows.getValue());
            if (file.rows() != count) {
              throw new IOException("it holds the features of other images");
            }
            files.put(rows.getKey(), file);
          }
          empty.readMoments(in, count);
          rowFiles.put(name, files);
          return new Collected(empty, seconds);
        });
  }

  /** Removes what a process left that was killed while it removed the folder. */
  private void removeLeftovers() {
    try {
      AtomicFiles.removeLeftovers(
          Objects.requireNonNull(root.toAbsolutePath().getParent()),
          root.getFileName().toString()::equals);
    } catch (UserException e) {
      // It is in nobody's way.
    }
  }

  /** Removes a set. */
  void delete(String name) throws IOException {
    Files.deleteIfExists(state(name));
    rowFiles.remove(name);
    for (FeatureOutput output : FeatureOutput.values()) {
      Files.deleteIfExists(rows(name, output));
    }
  }

  /** Removes the folder with all that it holds. */
  void remove() {
    AtomicFiles.removeFolder(root);
  }

  /** Gives the folder free. */
  @Override
  public void close() {
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        // The process's end does it.
      }
      lock = null;
    }
  }

  private String readName(DataInputStream in) throws IOException {
    readHeader(in);
    return in.readUTF();
  }

  private List<Score> readScores(DataInputStream in) throws IOException {
    readHeader(in);
    List<Score> read = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      read.add(ScoreJson.fromLine(in.readUTF()));
    }
    return read;
  }

  private void readHeader(DataInputStream in) throws IOException {
    if (in.readInt() != FORMAT || !in.readUTF().equals(fingerprint)) {
      throw new IOException("it is of another evaluation");
    }
  }

  private Path state(String name) {
    return root.resolve(fileName(name) + STATE);
  }

  private RowFile rowFile(String name, FeatureOutput output, FeatureRows rows) {
    return new RowFile(rows(name, output), rows.dimensions());
  }

  private Path rows(String name, FeatureOutput output) {
    return root.resolve(
        "%s.%s.f32".formatted(fileName(name), output.name().toLowerCase(Locale.ROOT)));
  }

  private static String fileName(String name) {
    return name.replace(' ', '-');
  }
}
