package org.fewstep.model.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.fewstep.config.UserException;
import org.fewstep.model.io.DType;
import org.fewstep.model.io.Npy;
import org.fewstep.model.io.Png;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.io.ZipArchive;

/**
 * The data set format of EDM and IMM: a ZIP with images as PNG, or as .npy of uint8 with axes
 * (channel, row, column), in any folders, and optionally {@code dataset.json}: {@code {"labels":
 * [["00000/img00000000.png", 6], ...]}} or {@code {"labels": null}}. Images are numbered in the
 * order of their names.
 */
public final class ZipDataset {
  static final String LABELS_ENTRY = "dataset.json";

  private static final int MAX_IMAGE_BYTES = 1 << 28;
  private static final int MAX_CLASSES = 1_000_000;

  /** Python's order of strings, which the official tools sort by: that of the code points. */
  private static final Comparator<String> BY_NAME =
      (a, b) ->
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

  private ZipDataset() {}

  /**
   * Reads a whole archive.
   *
   * @throws UserException naming file and entry, if something is damaged, missing or of an
   *     unsupported kind, or if the images differ in shape
   */
  public static MemoryDataset read(Path file) {
    try (ZipArchive zip = ZipArchive.open(file)) {
      List<String> names = imageNames(zip, file);
      List<byte[]> images = new ArrayList<>(names.size());
      ImageShape shape = null;
      for (String name : names) {
        Png.Pixels pixels = zip.read(name, (content, where) -> decode(name, content, where));
        ImageShape its = new ImageShape(pixels.channels(), pixels.height(), pixels.width());
        if (shape == null) {
          shape = its;
        } else if (!its.equals(shape)) {
          throw new UserException(
              "%s (entry %s) is an image of %s while those before it are %s; all must have one size"
                  .formatted(file, name, its, shape));
        }
        images.add(pixels.values());
      }
      if (shape == null) {
        throw new UserException("%s holds no images (.png or .npy)".formatted(file));
      }
      return new MemoryDataset(shape, images, labels(zip, file, names));
    }
  }

  private static List<String> imageNames(ZipArchive zip, Path file) {
    List<String> names = new ArrayList<>();
    for (String name : zip.names()) {
      // The Macintosh's archiver adds a twin that is no image to every file.
      if (name.startsWith("__MACOSX/")) {
        continue;
      }
      switch (extension(name)) {
        case "png", "npy" -> names.add(name);
        case "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff" ->
            throw new UserException(
                "%s (entry %s): only .png and .npy images are supported; convert the others"
                    .formatted(file, name));
        default -> {}
      }
    }
    names.sort(BY_NAME);
    return names;
  }

  private static String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static Png.Pixels decode(String name, InputStream content, String where)
      throws IOException {
    if (extension(name).equals("npy")) {
      return fromArray(Npy.read(content, where), where);
    }
    return Png.decode(content.readNBytes(MAX_IMAGE_BYTES), where);
  }

  private static Png.Pixels fromArray(Tensor array, String where) {
    if (array.dtype() != DType.U8) {
      throw new UserException(
          "%s holds %s numbers, not uint8 pixels: sets of latents are not supported"
              .formatted(where, array.dtype()));
    }
    long[] shape = array.shape();
    if (shape.length != 3 || (shape[0] != 1 && shape[0] != 3) || array.count() == 0) {
      throw new UserException(
          "%s has the shape %s; an image needs (channels, height, width) with 1 or 3 channels"
              .formatted(where, Arrays.toString(shape)));
    }
    return new Png.Pixels((int) shape[0], (int) shape[1], (int) shape[2], array.bytes());
  }

  private static int[] labels(ZipArchive zip, Path file, List<String> names) {
    if (!zip.names().contains(LABELS_ENTRY)) {
      return new int[0];
    }
    Optional<Map<String, Integer>> byName = zip.read(LABELS_ENTRY, ZipDataset::parseLabels);
    if (byName.isEmpty()) {
      return new int[0];
    }
    int[] labels = new int[names.size()];
    for (int i = 0; i < labels.length; i++) {
      Integer label = byName.get().get(names.get(i));
      if (label == null) {
        throw new UserException(
            "%s (entry %s) has no label for %s; give every image one, or none"
                .formatted(file, LABELS_ENTRY, names.get(i)));
      }
      labels[i] = label;
    }
    return labels;
  }

  /** Token by token: for a million images a tree would take a gigabyte. */
  private static Optional<Map<String, Integer>> parseLabels(InputStream content, String where)
      throws IOException {
    try (JsonParser json =
        new JsonFactory().disable(JsonParser.Feature.AUTO_CLOSE_SOURCE).createParser(content)) {
      expect(json.nextToken() == JsonToken.START_OBJECT, json, where);
      Optional<Map<String, Integer>> labels = Optional.empty();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean isLabels = json.currentName().equals("labels");
        json.nextToken();
        if (!isLabels) {
          json.skipChildren();
        } else if (json.currentToken() != JsonToken.VALUE_NULL) {
          labels = Optional.of(parsePairs(json, where));
        }
      }
      expect(json.currentToken() == JsonToken.END_OBJECT, json, where);
      return labels;
    } catch (JsonProcessingException e) {
      throw new UserException("%s is not JSON: %s".formatted(where, e.getOriginalMessage()), e);
    }
  }

  private static Map<String, Integer> parsePairs(JsonParser json, String where) throws IOException {
    Map<String, Integer> labels = new HashMap<>();
    expect(json.currentToken() == JsonToken.START_ARRAY, json, where);
    while (json.nextToken() == JsonToken.START_ARRAY) {
      expect(json.nextToken() == JsonToken.VALUE_STRING, json, where);
      String name = json.getText().replace('\\', '/');
      if (json.nextToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new UserException(
            "%s: the label of %s is not one whole number, the only kind supported"
                .formatted(where, name));
      }
      long label = json.getLongValue();
      if (label < 0 || label >= MAX_CLASSES) {
        throw new UserException(
            "%s: the label %d of %s is not from 0 to %d"
                .formatted(where, label, name, MAX_CLASSES - 1));
      }
      labels.put(name, (int) label);
      expect(json.nextToken() == JsonToken.END_ARRAY, json, where);
    }
    expect(json.currentToken() == JsonToken.END_ARRAY, json, where);
    return labels;
  }

  private static void expect(boolean holds, JsonParser json, String where) {
    if (!holds) {
      throw new UserException(
          "%s is not {\"labels\": [[NAME, NUMBER], ...]} or {\"labels\": null}: see line %d, column %d"
              .formatted(
                  where, json.currentLocation().getLineNr(), json.currentLocation().getColumnNr()));
    }
  }
}
