package org.fewstep.model.metrics.classifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.Datasets;
import org.fewstep.model.data.ImageDataset;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.network.ParameterTable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

class FashionCnnTrainerTest {
  private static final FashionCnnTrainer.Settings SETTINGS =
      new FashionCnnTrainer.Settings(3, 50, 2e-3, 0.1, 0.3, 4);

  private static ImageDataset training;
  private static ImageDataset test;

  @BeforeAll
  static void open() {
    training = Datasets.open("builtin:fashion-mnist-train-10k");
    test = new FirstImages(Datasets.open("builtin:fashion-mnist-test-2k"), 300);
  }

  @Test
  void shouldRiseFarAboveChanceWithinSeconds(@TempDir Path folder) {
    List<FashionCnnTrainer.Progress> progress = new ArrayList<>();
    FashionCnnWeights weights =
        new FashionCnnTrainer(new FirstImages(training, 1500), test, SETTINGS).train(progress::add);

    assertThat(progress).extracting(FashionCnnTrainer.Progress::epoch).containsExactly(1, 2, 3);
    assertThat(progress.get(2).loss()).isLessThan(progress.get(0).loss());
    assertThat(progress.get(2).testAccuracy()).isGreaterThan(0.6);
    assertThat(weights.accuracy(test)).isEqualTo(progress.get(2).testAccuracy());
    assertThat(weights.metadata())
        .containsEntry("epochs", "3")
        .containsEntry("seed", "4")
        .containsEntry("training_set", training.fingerprint() + "[0..1500)");

    Path file = folder.resolve("weights.safetensors");
    weights.write(file);
    FashionCnnWeights read = FashionCnnWeights.read(file);
    assertThat(read.accuracy(test)).isEqualTo(progress.get(2).testAccuracy());
    assertThat(read.metadata()).containsEntry("kind", "fashion-cnn").containsEntry("seed", "4");
  }

  @Test
  void shouldRepeatItselfBitForBitAndChangeWithTheSeed() {
    ImageDataset few = new FirstImages(training, 170);
    FashionCnnTrainer.Settings once = SETTINGS.withEpochs(1);
    List<FashionCnnTrainer.Progress> losses = new ArrayList<>();
    for (FashionCnnTrainer.Settings settings : List.of(once, once, once.withSeed(5))) {
      new FashionCnnTrainer(few, test, settings).train(losses::add);
    }
    assertThat(losses.get(1).loss()).isEqualTo(losses.get(0).loss());
    assertThat(losses.get(1).testAccuracy()).isEqualTo(losses.get(0).testAccuracy());
    assertThat(losses.get(2).loss()).isNotEqualTo(losses.get(0).loss());
  }

  @Test
  void shouldRefuseDataThatItCannotClassify() {
    assertThatThrownBy(() -> new FashionCnnTrainer(new Colours(10), test, SETTINGS))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("3x32x32 with 10 classes")
        .hasMessageContaining("1x28x28");
    assertThatThrownBy(() -> new FashionCnnTrainer(training, new Colours(0), SETTINGS))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("no labels");
  }

  @Test
  void shouldRefuseFilesThatHoldSomethingElse(@TempDir Path folder) {
    Path other = folder.resolve("other.safetensors");
    Safetensors.write(other, Map.of("a", Tensor.of(new float[] {1}, 1)), Map.of("kind", "weights"));
    assertThatThrownBy(() -> FashionCnnWeights.read(other))
        .isInstanceOf(UserException.class)
        .hasMessageContaining(other.toString())
        .hasMessageContaining("no feature network");

    Path misshapen = folder.resolve("misshapen.safetensors");
    Safetensors.write(
        misshapen,
        Map.of("conv0.weight", Tensor.of(new float[9], 1, 1, 3, 3)),
        Map.of("kind", "fashion-cnn"));
    assertThatThrownBy(() -> FashionCnnWeights.read(misshapen))
        .isInstanceOf(UserException.class)
        .hasMessageContaining("conv0.weight of shape [1, 1, 3, 3]")
        .hasMessageContaining("[32, 1, 3, 3]");
  }

  @Test
  void shouldRefuseWeightsThatAreNotFinite(@TempDir Path folder) {
    ParameterTable table = FashionCnn.create(DataType.FLOAT, 0).parameters();
    ParameterTable.Entry second = table.entries().get(1);
    float[] parameters = new float[table.length()];
    parameters[(int) second.offset()] = Float.NaN;
    Path file = folder.resolve("nan.safetensors");
    new FashionCnnWeights(parameters, Map.of()).write(file);
    assertThatThrownBy(() -> FashionCnnWeights.read(file))
        .isInstanceOf(UserException.class)
        .hasMessage("%s holds NaN in %s".formatted(file, second.name()));
  }

  /** A data set of which only the description is ever asked. */
  private record Colours(int classes) implements ImageDataset {
    @Override
    public int count() {
      return 1;
    }

    @Override
    public ImageShape shape() {
      return new ImageShape(3, 32, 32);
    }

    @Override
    public int label(int index) {
      throw new AssertionError();
    }

    @Override
    public void read(int index, double[] target, int offset) {
      throw new AssertionError();
    }

    @Override
    public String fingerprint() {
      throw new AssertionError();
    }
  }
}
