package org.fewstep.model.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipOutputStream;
import org.fewstep.model.io.AtomicFiles;
import org.fewstep.model.io.Png;
import org.fewstep.model.io.ZipEntries;

/**
 * Writes the ZIP that {@link ZipDataset} and the official tools read: uncompressed entries {@code
 * 00000/img00000000.png} and so on, and {@code dataset.json} at the end. Equal images and labels
 * give equal bytes.
 */
public final class ZipDatasetWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ZipDatasetWriter() {}

  /**
   * Writes the chosen images (1 or 3 channels), in the order of {@code indices}.
   *
   * @throws org.fewstep.config.UserException if the disk refuses
   */
  public static void write(ImageDataset dataset, int[] indices, Path file) {
    ImageShape shape = dataset.shape();
    double[] image = new double[shape.size()];
    byte[] pixels = new byte[shape.size()];
    ArrayNode labels = JSON.createArrayNode();
    AtomicFiles.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          for (int i = 0; i < indices.length; i++) {
            dataset.read(indices[i], image, 0);
            for (int j = 0; j < pixels.length; j++) {
              pixels[j] = PixelScale.toPixel(image[j]);
            }
            String name = String.format(Locale.ROOT, "%05d/img%08d.png", i / 1000, i);
            byte[] png =
                Png.encodeSmallest(
                    new Png.Pixels(shape.channels(), shape.height(), shape.width(), pixels));
            ZipEntries.store(zip, name, png);
            labels.addArray().add(name).add(dataset.label(indices[i]));
          }
          ZipEntries.store(zip, ZipDataset.LABELS_ENTRY, json(dataset.classes() > 0, labels));
          zip.finish();
        });
  }

  private static byte[] json(boolean labelled, ArrayNode labels) throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    if (labelled) {
      root.set("labels", labels);
    } else {
      root.putNull("labels");
    }
    return JSON.writeValueAsBytes(root);
  }
}
