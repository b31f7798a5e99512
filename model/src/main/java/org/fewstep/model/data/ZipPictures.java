package org.fewstep.model.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.fewstep.config.UserException;
import org.fewstep.model.io.Pictures;
import org.fewstep.model.io.Png.Pixels;
import org.fewstep.model.io.ZipArchive;

/**
 * Pictures of any kind and size in a ZIP, numbered in the order of their names, with the labels of
 * its {@code dataset.json}, if there is one.
 */
final class ZipPictures implements PictureSource {
  private final Path file;
  private final ZipArchive zip;
  private final ZipNames entries;
  private final List<String> names;
  private final int[] labels;
  private final List<String> classNames;

  private ZipPictures(
      Path file,
      ZipArchive zip,
      ZipNames entries,
      List<String> names,
      int[] labels,
      List<String> classNames) {
    this.file = file;
    this.zip = zip;
    this.entries = entries;
    this.names = names;
    this.labels = labels;
    this.classNames = classNames;
  }

  /**
   * Lists an archive, without reading pictures.
   *
   * @throws UserException if it holds no pictures, or others than pictures
   */
  static ZipPictures open(Path file) {
    ZipArchive zip = ZipArchive.open(file);
    try {
      ZipNames entries = ZipNames.of(zip, file);
      List<String> names = entries.images(PictureNames::isPicture);
      ZipDataset.Labels labels = ZipDataset.labels(zip, entries);
      String where = ZipDataset.where(file, PictureNames.LABELS);
      return new ZipPictures(
          file, zip, entries, names, labels.of(names, where), labels.classNames());
    } catch (RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  @Override
  public int count() {
    return names.size();
  }

  @Override
  public boolean labelled() {
    return labels.length > 0;
  }

  @Override
  public int label(int index) {
    return labelled() ? labels[index] : -1;
  }

  @Override
  public List<String> classNames() {
    return classNames;
  }

  @Override
  public String where(int index) {
    return ZipDataset.where(file, names.get(index));
  }

  @Override
  public Pixels read(int index) {
    String name = names.get(index);
    return zip.read(entries.stored(name), (content, where) -> decode(name, content, where));
  }

  @Override
  public boolean isGrey(int index) {
    String name = names.get(index);
    return PictureNames.extension(name).equals("npy")
        ? read(index).channels() == 1
        : zip.read(
            entries.stored(name),
            (content, where) ->
                Pictures.isGrey(content.readNBytes(ZipDataset.MAX_IMAGE_BYTES), where));
  }

  @Override
  public void close() {
    zip.close();
  }

  private static Pixels decode(String name, InputStream content, String where) throws IOException {
    return PictureNames.extension(name).equals("npy")
        ? ZipDataset.decode(name, content, where)
        : Pictures.decode(content.readNBytes(ZipDataset.MAX_IMAGE_BYTES), where);
  }
}
