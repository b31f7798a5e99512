package org.fewstep.model.metrics.inception;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.data.ImageShape;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.RegularFiles;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.io.pickle.TorchFile;
import org.fewstep.model.metrics.inception.InceptionTensors.Stored;
import org.jspecify.annotations.Nullable;

/**
 * Reads the weights of FID's Inception from the files that public tools ship: pytorch-fid's {@code
 * .pth}, NVIDIA's TorchScript {@code .pt}, or safetensors under pytorch-fid's names. The kind is
 * told by the content. Nothing in them is executed.
 */
public final class InceptionFiles {
  private static final int HASH_DIGITS = 8;

  /** SHA-256 of the files that hold the standard weights, and whose they are. */
  private static final Map<String, String> STANDARD =
      Map.of(
          "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
          "pt_inception-2015-12-05-6726825d.pth of pytorch-fid",
          "f58cb9b6ec323ed63459aa4fb441fe750cfe39fafad6da5cb504a16f19e958f4",
          "inception-2015-12-05.pt of NVIDIA");

  private InceptionFiles() {}

  /** Whether a file is of a kind that is read here; what it holds shows when it is opened. */
  public static boolean recognises(Path file) {
    if (TorchFile.recognises(file)) {
      return true;
    }
    RegularFiles.check(file);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(Long.BYTES + 1);
      return start.length == Long.BYTES + 1 && start[Long.BYTES] == '{';
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  /**
   * Opens weights for images of one shape.
   *
   * @throws UserException if the file is damaged, asks for what no weights need, or holds anything
   *     else than FID's Inception
   */
  public static InceptionFeatures open(Path file, Preparation preparation, ImageShape shape) {
    String sha256 = Sha256.ofFile(file);
    @Nullable String known = STANDARD.get(sha256);
    InceptionWeights weights = weights(file);
    String name =
        known == null ? "inception@" + sha256.substring(0, HASH_DIGITS) : "inception-2015-12-05";
    String description =
        known == null
            ? ("%s: Inception with weights that are not known here (SHA-256 %s), so that its Frechet"
                    + " distance is not called FID")
                .formatted(file, sha256)
            : "%s: the standard Inception, %s (SHA-256 %s)".formatted(file, known, sha256);
    return new InceptionFeatures(name, known != null, description, weights, preparation, shape);
  }

  private static InceptionWeights weights(Path file) {
    Map<String, Stored> tensors = new LinkedHashMap<>();
    if (TorchFile.recognises(file)) {
      try (TorchFile torch = TorchFile.open(file)) {
        torch
            .tensors()
            .forEach(
                (name, tensor) ->
                    tensors.put(name, new Stored(tensor.shape(), () -> torch.floats(tensor))));
        return InceptionWeights.fold(InceptionTensors.of(file.toString(), tensors));
      }
    }
    try (Safetensors safetensors = Safetensors.open(file)) {
      for (String name : safetensors.names()) {
        tensors.put(name, new Stored(safetensors.shape(name), () -> safetensors.floats(name)));
      }
      return InceptionWeights.fold(InceptionTensors.of(file.toString(), tensors));
    }
  }
}
