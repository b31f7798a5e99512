package org.fewstep.model.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import java.util.zip.ZipOutputStream;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.Png;
import org.fewstep.model.io.ZipEntries;
import org.jspecify.annotations.Nullable;

/**
 * Writes the ZIP that {@link ZipDataset} and the official tools read: uncompressed entries {@code
 * 00000/img00000000.png} and so on, and {@code dataset.json} at the end. Equal images and labels
 * give equal bytes.
 */
public final class ZipDatasetWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ZipDatasetWriter() {}

  /**
   * Writes the chosen images (1 or 3 channels), in the order of {@code indices}, each as small as
   * it goes.
   *
   * @throws org.fewstep.config.UserException if the disk refuses
   */
  public static void write(ImageDataset dataset, int[] indices, Path file) {
    DatasetPictures pictures = new DatasetPictures(dataset, file.toString(), List.of());
    write(
        indices.length,
        i -> Png.encodeSmallest(pictures.read(indices[i])),
        dataset.classes() > 0 ? i -> dataset.label(indices[i]) : null,
        List.of(),
        file);
  }

  /**
   * Writes all pictures of a source, one at a time, in its order and with its labels.
   *
   * @param prepared what becomes of a picture: one of the size and channels that all get
   * @param written is told after each picture how many are written
   * @throws org.fewstep.config.UserException if the disk refuses or the source is damaged; no file
   *     is left then
   */
  public static void write(
      PictureSource source, IntFunction<Png.Pixels> prepared, IntConsumer written, Path file) {
    write(
        source.count(),
        i -> {
          byte[] png = Png.encode(prepared.apply(i));
          written.accept(i + 1);
          return png;
        },
        source.labelled() ? source::label : null,
        source.classNames(),
        file);
  }

  private static void write(
      int count,
      IntFunction<byte[]> pngs,
      @Nullable IntUnaryOperator labels,
      List<String> classNames,
      Path file) {
    ArrayNode pairs = JSON.createArrayNode();
    AtomicFiles.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          for (int i = 0; i < count; i++) {
            String name = String.format(Locale.ROOT, "%05d/img%08d.png", i / 1000, i);
            ZipEntries.store(zip, name, pngs.apply(i));
            if (labels != null) {
              pairs.addArray().add(name).add(labels.applyAsInt(i));
            }
          }
          ZipEntries.store(zip, PictureNames.LABELS, json(labels != null, pairs, classNames));
          zip.finish();
        });
  }

  private static byte[] json(boolean labelled, ArrayNode labels, List<String> classNames)
      throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    if (labelled) {
      root.set("labels", labels);
    } else {
      root.putNull("labels");
    }
    if (!classNames.isEmpty()) {
      classNames.forEach(root.putArray(ZipDataset.CLASS_NAMES)::add);
    }
    return JSON.writeValueAsBytes(root);
  }
}
