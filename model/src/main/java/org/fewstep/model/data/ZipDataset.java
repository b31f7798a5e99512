package org.fewstep.model.data;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.fewstep.config.UserException;
import org.fewstep.model.io.DType;
import org.fewstep.model.io.Npy;
import org.fewstep.model.io.Png;
import org.fewstep.model.io.Tensor;
import org.fewstep.model.io.ZipArchive;

/**
 * The data set format of EDM and IMM: a ZIP with images as PNG, or as .npy of uint8 with axes
 * (channel, row, column), or with latents ({@link LatentDataset}), in any folders, and optionally
 * {@code dataset.json}: {@code {"labels": [["00000/img00000000.png", 6], ...]}} or {@code
 * {"labels": null}}. Images are numbered in the order of their names. What {@link
 * PictureNames#isIgnored} names is passed over; any other entry is an error.
 */
public final class ZipDataset {
  static final int MAX_IMAGE_BYTES = 1 << 28;

  private static final int MAX_CLASSES = 1_000_000;
  static final String CLASS_NAMES = "class_names";

  private ZipDataset() {}

  /**
   * Reads a whole archive, but of latents only their list.
   *
   * @throws UserException naming file and entry, if something is damaged, missing or of an
   *     unsupported kind, or if the images differ in shape
   */
  public static ImageDataset read(Path file) {
    ZipArchive zip = ZipArchive.open(file);
    LatentDataset latents = null;
    try {
      ZipNames entries = ZipNames.of(zip, file);
      List<String> names = entries.images(name -> PictureNames.extension(name).equals("png"));
      if (startsWithLatent(zip, entries, names)) {
        latents =
            LatentDataset.of(
                zip,
                file,
                names.stream().map(entries::stored).toList(),
                labels(zip, entries).of(names, where(file, PictureNames.LABELS)));
        return latents;
      }
      return pictures(zip, entries, names, file);
    } finally {
      // Latents are read one by one, for as long as somebody wants them.
      if (latents == null) {
        zip.close();
      }
    }
  }

  private static boolean startsWithLatent(ZipArchive zip, ZipNames entries, List<String> names) {
    String first = names.get(0);
    return PictureNames.extension(first).equals("npy")
        && LatentDataset.isOfLatents(zip.read(entries.stored(first), Npy::read).dtype());
  }

  private static MemoryDataset pictures(
      ZipArchive zip, ZipNames entries, List<String> names, Path file) {
    List<byte[]> images = new ArrayList<>(names.size());
    ImageShape shape = null;
    for (String name : names) {
      Png.Pixels pixels =
          zip.read(entries.stored(name), (content, where) -> decode(name, content, where));
      ImageShape its = new ImageShape(pixels.channels(), pixels.height(), pixels.width());
      if (shape == null) {
        shape = its;
        MemoryDataset.checkFits(file.toString(), names.size(), shape);
      } else if (!its.equals(shape)) {
        throw new UserException(
            ("%s (entry %s) is an image of %s while those before it are %s; all must have one size:"
                    + " make them so by ./fewstep data convert %s --out FILE.zip --size 32")
                .formatted(file, name, its, shape, file));
      }
      images.add(pixels.values());
    }
    if (shape == null) {
      throw new IllegalArgumentException("an archive has one image at least");
    }
    return new MemoryDataset(
        shape, images, labels(zip, entries).of(names, where(file, PictureNames.LABELS)));
  }

  /** What messages call an entry. */
  static String where(Path file, String name) {
    return "%s (entry %s)".formatted(file, name);
  }

  static Png.Pixels decode(String name, InputStream content, String where) throws IOException {
    if (PictureNames.extension(name).equals("npy")) {
      return fromArray(Npy.read(content, where), where);
    }
    return Png.decode(content.readNBytes(MAX_IMAGE_BYTES), where);
  }

  private static Png.Pixels fromArray(Tensor array, String where) {
    if (array.dtype() != DType.U8) {
      throw new UserException(
          "%s holds %s numbers, not uint8 pixels: latents are no pictures, and do not mix with them"
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

  /**
   * What {@code dataset.json} tells.
   *
   * @param byName class of each image; empty for a set without labels
   * @param classNames names of the classes in their order, empty where they have none: a key of our
   *     own that the official tools pass over
   */
  record Labels(Optional<Map<String, Integer>> byName, List<String> classNames) {
    static final Labels NONE = new Labels(Optional.empty(), List.of());

    /**
     * The classes of images, none if there are no labels.
     *
     * @param where the file in messages
     * @throws UserException if an image has no label, a label no image, or a class no name
     */
    int[] of(List<String> names, String where) {
      if (byName.isEmpty()) {
        return new int[0];
      }
      int[] labels = new int[names.size()];
      for (int i = 0; i < labels.length; i++) {
        Integer label = byName.get().get(names.get(i));
        if (label == null) {
          throw new UserException(
              "%s has no label for %s; give every image one, or none"
                  .formatted(where, names.get(i)));
        }
        if (!classNames.isEmpty() && label >= classNames.size()) {
          throw new UserException(
              "%s: the label %d of %s has no name among its %d class_names"
                  .formatted(where, label, names.get(i), classNames.size()));
        }
        labels[i] = label;
      }
      checkImagesExist(byName.get().keySet(), names, where);
      return labels;
    }

    private static void checkImagesExist(Set<String> labelled, List<String> names, String where) {
      if (labelled.size() > names.size()) {
        Set<String> existing = new HashSet<>(names);
        String without =
            labelled.stream()
                .filter(name -> !existing.contains(name))
                .min(PictureNames.ORDER)
                .orElseThrow();
        throw new UserException(
            "%s has a label for %s, which is not there; bring the image or remove the label"
                .formatted(where, without));
      }
    }
  }

  /** The labels of an archive. */
  static Labels labels(ZipArchive zip, ZipNames entries) {
    return entries.contains(PictureNames.LABELS)
        ? zip.read(entries.stored(PictureNames.LABELS), ZipDataset::parseLabels)
        : Labels.NONE;
  }

  /** Token by token: for a million images a tree would take a gigabyte. */
  static Labels parseLabels(InputStream content, String where) throws IOException {
    try (JsonParser json =
        new JsonFactory().disable(JsonParser.Feature.AUTO_CLOSE_SOURCE).createParser(content)) {
      expect(json.nextToken() == JsonToken.START_OBJECT, json, where);
      Optional<Map<String, Integer>> labels = Optional.empty();
      List<String> classNames = List.of();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = json.currentName();
        json.nextToken();
        if (key.equals("labels")) {
          if (json.currentToken() != JsonToken.VALUE_NULL) {
            labels = Optional.of(parsePairs(json, where));
          }
        } else if (key.equals(CLASS_NAMES) && json.currentToken() != JsonToken.VALUE_NULL) {
          classNames = parseNames(json, where);
        } else {
          json.skipChildren();
        }
      }
      expect(json.currentToken() == JsonToken.END_OBJECT, json, where);
      return new Labels(labels, classNames);
    } catch (JsonProcessingException e) {
      throw new UserException("%s is not JSON: %s".formatted(where, e.getOriginalMessage()), e);
    }
  }

  private static Map<String, Integer> parsePairs(JsonParser json, String where) throws IOException {
    Map<String, Integer> labels = new HashMap<>();
    expect(json.currentToken() == JsonToken.START_ARRAY, json, where);
    while (json.nextToken() == JsonToken.START_ARRAY) {
      expect(json.nextToken() == JsonToken.VALUE_STRING, json, where);
      String name = PictureNames.normalised(json.getText());
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
      Integer earlier = labels.put(name, (int) label);
      if (earlier != null && earlier != label) {
        throw new UserException(
            "%s: %s has the labels %d and %d; leave it one".formatted(where, name, earlier, label));
      }
      expect(json.nextToken() == JsonToken.END_ARRAY, json, where);
    }
    expect(json.currentToken() == JsonToken.END_ARRAY, json, where);
    return labels;
  }

  private static List<String> parseNames(JsonParser json, String where) throws IOException {
    List<String> names = new ArrayList<>();
    expect(json.currentToken() == JsonToken.START_ARRAY, json, where);
    while (json.nextToken() == JsonToken.VALUE_STRING) {
      names.add(json.getText());
    }
    expect(json.currentToken() == JsonToken.END_ARRAY, json, where);
    return List.copyOf(names);
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
