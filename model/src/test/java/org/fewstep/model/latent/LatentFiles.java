package org.fewstep.model.latent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.fewstep.model.io.Npy;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.onnx.OnnxWriter;

/** Writes small sets of latents and decoders as users have them. */
final class LatentFiles {
  private LatentFiles() {}

  /** An array file of eight planes, four of means and four of deviations. */
  static byte[] latent(int size, float... planes) throws IOException {
    float[] values = new float[planes.length * size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = planes[i / (size * size)];
    }
    return array(Tensor.of(values, planes.length, size, size));
  }

  static byte[] array(Tensor tensor) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, tensor);
    return out.toByteArray();
  }

  /** A data set of these arrays, labelled 0, 1, 2 and so on. */
  static Path zip(Path file, List<byte[]> arrays) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      StringBuilder labels = new StringBuilder();
      for (int i = 0; i < arrays.size(); i++) {
        String name = "00000/img-mean-std-%08d.npy".formatted(i);
        labels.append(i == 0 ? "" : ",").append("[\"%s\", %d]".formatted(name, i));
        zip.putNextEntry(new ZipEntry(name));
        zip.write(arrays.get(i));
      }
      zip.putNextEntry(new ZipEntry("dataset.json"));
      zip.write("{\"labels\": [%s]}".formatted(labels).getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  /** A decoder to pictures of twice the size, whose channels are the latents' first three. */
  static Path decoder(Path file, int latentChannels) {
    float[] weights = new float[latentChannels * 3 * 4];
    for (int c = 0; c < 3; c++) {
      Arrays.fill(weights, (c * 3 + c) * 4, (c * 3 + c + 1) * 4, 1);
    }
    new OnnxWriter()
        .input("latent_sample", -1, latentChannels, -1, -1)
        .weights("w", weights, latentChannels, 3, 2, 2)
        .node(
            "ConvTranspose",
            List.of("latent_sample", "w"),
            "sample",
            Map.of("kernel_shape", new long[] {2, 2}, "strides", new long[] {2, 2}))
        .output("sample", -1, 3, -1, -1)
        .write(file);
    return file;
  }
}
