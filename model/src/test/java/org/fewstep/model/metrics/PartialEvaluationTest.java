package org.fewstep.model.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartialEvaluationTest {
  private static final ImageShape SHAPE = new ImageShape(1, 3, 4);
  private static final int IMAGES = 730;
  private static final String NAME = "real images";

  @TempDir Path parent;

  private final List<String> notes = new ArrayList<>();
  private final PixelFeatures network = new PixelFeatures(SHAPE);

  @Test
  void shouldGoOnWithAnOpenBlockAndRowsAsIfItHadNeverStopped() {
    for (int images : new int[] {100, 300, 600}) {
      collectAndStop(images, "weights");
    }
    network.shown = 0;
    FeatureCollector resumed = collect(IMAGES, partial("weights"));

    assertThat(network.shown).as("images that were not collected before").isEqualTo(130);
    assertSame(resumed, collect(IMAGES, PartialEvaluation.none()));
    assertThat(notes)
        .hasSize(3)
        .allMatch(note -> note.startsWith("goes on from " + folder() + ": "))
        .last()
        .asString()
        .endsWith(": 600 real images");
  }

  @Test
  void shouldStartOverWhereSomethingElseDecidesTheScores() {
    collectAndStop(300, "weights");
    network.shown = 0;
    collect(IMAGES, partial("other weights"));

    assertThat(network.shown).isEqualTo(IMAGES);
    assertThat(notes).isEmpty();
  }

  @Test
  void shouldSayThatItStartsOverWhereAFileIsDamaged() throws IOException {
    FeatureCollector whole = collect(IMAGES, PartialEvaluation.none());
    for (String file : List.of("real-images.state", "real-images.pooled.f32")) {
      for (boolean cut : new boolean[] {true, false}) {
        collectAndStop(300, "weights");
        damage(folder().resolve(file), cut);
        notes.clear();
        network.shown = 0;
        PartialEvaluation partial = partial("weights");
        assertSame(collect(IMAGES, partial), whole);

        assertThat(network.shown).isEqualTo(IMAGES);
        assertThat(notes).filteredOn(note -> note.contains("damaged")).hasSize(1);
        assertThat(notes).last().asString().contains(file, "over");
        partial.finish();
        assertThat(parent).isEmptyDirectory();
      }
    }
  }

  @Test
  void shouldLeaveTheFolderToWhoeverHasIt() {
    PartialEvaluation first = partial("weights");
    collect(300, first);
    assertThat(first.saved()).isEqualTo(folder());
    PartialEvaluation second = partial("weights");
    network.shown = 0;
    collect(IMAGES, second);
    second.finish();

    assertThat(network.shown).isEqualTo(IMAGES);
    assertThat(notes).singleElement().asString().startsWith("another process");
    assertThat(folder().resolve("real-images.state")).exists();
  }

  @Test
  void shouldOnlySayThatTheDiskRefuses() throws IOException {
    Path noFolder = Files.createFile(parent.resolve("file"));
    PartialEvaluation partial = PartialEvaluation.in(noFolder, Duration.ZERO, notes::add);

    assertThat(collect(IMAGES, partial).count()).isEqualTo(IMAGES);
    assertThat(notes).singleElement().asString().contains("nothing to go on from", "file");
    assertThat(partial.saved()).isNull();
    partial.finish();
  }

  /** A disk that takes no scores for a while costs none of the images that they are of. */
  @Test
  void shouldKeepASetUntilItsScoresAreKept() throws IOException {
    PartialEvaluation partial = partial("weights");
    collect(IMAGES, partial);
    Path root = folder();
    Path obstacle = Files.createDirectories(root.resolve("scores.state/inside"));
    partial.add(List.of());
    partial.drop(NAME);

    assertThat(root.resolve("real-images.state")).exists();
    assertThat(notes).singleElement().asString().contains("goes on and tries again");

    Files.delete(obstacle);
    Files.delete(obstacle.getParent());
    partial.add(List.of());
    assertThat(root.resolve("real-images.state")).doesNotExist();
    partial.close();
  }

  @Test
  void shouldRemoveWhatAKilledProcessLeftOfAFolder() throws IOException {
    collectAndStop(100, "weights");
    Path root = folder();
    Path left = Files.createDirectory(parent.resolve("." + root.getFileName() + ".tmp-1-1"));
    Files.createFile(left.resolve("rows"));

    collectAndStop(200, "weights");

    assertThat(left).doesNotExist();
  }

  @Test
  void shouldLeaveNoTraceOfAShortEvaluation() {
    PartialEvaluation partial = PartialEvaluation.in(parent, Duration.ofHours(1), notes::add);
    collect(IMAGES, partial);
    partial.add(List.of());

    assertThat(parent).isEmptyDirectory();
    assertThat(notes).isEmpty();
  }

  private PartialEvaluation partial(String weights) {
    PartialEvaluation partial = PartialEvaluation.in(parent, Duration.ZERO, notes::add);
    partial.dependsOn(() -> weights);
    return partial;
  }

  private void collectAndStop(int images, String weights) {
    try (PartialEvaluation partial = partial(weights)) {
      collect(images, partial);
    }
  }

  private FeatureCollector collect(int images, PartialEvaluation partial) {
    EnumSet<FeatureOutput> pooled = EnumSet.of(FeatureOutput.POOLED);
    return partial.collect(
        NAME,
        () -> new FeatureCollector(network, pooled, pooled),
        new Noise(),
        images,
        UnaryOperator.identity());
  }

  private Path folder() {
    try (Stream<Path> all = Files.list(parent)) {
      return all.findFirst().orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void damage(Path file, boolean cut) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (cut) {
      Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    } else {
      bytes[bytes.length / 3] ^= 4;
      Files.write(file, bytes);
    }
  }

  /** Bit for bit, moments and rows. */
  private static void assertSame(FeatureCollector actual, FeatureCollector expected) {
    assertThat(actual.count()).isEqualTo(expected.count());
    assertThat(rows(actual)).isEqualTo(rows(expected));
    assertThat(actual.statistics().mean()).isEqualTo(expected.statistics().mean());
    assertThat(actual.statistics().covariance()).isEqualTo(expected.statistics().covariance());
  }

  private static float[] rows(FeatureCollector features) {
    int count = features.rows(FeatureOutput.POOLED).count();
    float[] rows = new float[count * SHAPE.size()];
    features.rows(FeatureOutput.POOLED).copy(0, count, FloatBuffer.wrap(rows));
    return rows;
  }

  private record Noise() implements ImageDataset {
    @Override
    public int count() {
      return IMAGES;
    }

    @Override
    public ImageShape shape() {
      return SHAPE;
    }

    @Override
    public int classes() {
      return 0;
    }

    @Override
    public int label(int index) {
      return -1;
    }

    @Override
    public void read(int index, double[] target, int offset) {
      CounterRandom.of(1, Purpose.PRIOR, index)
          .fillGaussian(target, offset, offset + SHAPE.size(), 0.5);
    }

    @Override
    public String fingerprint() {
      return "noise";
    }
  }
}
