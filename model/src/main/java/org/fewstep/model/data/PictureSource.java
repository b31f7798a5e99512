package org.fewstep.model.data;

import java.util.List;
import org.fewstep.model.io.Png.Pixels;

/**
 * A fixed, indexed set of pictures of any sizes, read one at a time: what a data set is made from.
 * Belongs to one thread.
 */
public interface PictureSource extends AutoCloseable {
  /** Number of pictures N, at least 1; indices run from 0 to N-1. */
  int count();

  /** Whether every picture has a class. */
  boolean labelled();

  /** Class of a picture; -1 in a source without labels. */
  int label(int index);

  /** Names of the classes in their order; empty where they have none. */
  List<String> classNames();

  /** What messages call a picture: its file and, in an archive, its entry. */
  String where(int index);

  /**
   * Decodes a picture, 1 channel if it is stored in shades of grey, otherwise 3.
   *
   * @throws org.fewstep.config.UserException naming file and entry, if it is damaged
   */
  Pixels read(int index);

  /**
   * Whether a picture is stored in shades of grey; may be much faster than {@link #read}.
   *
   * @throws org.fewstep.config.UserException naming file and entry, if that cannot be told
   */
  boolean isGrey(int index);

  /** Whether all pictures are stored in shades of grey. Ends at the first that is not. */
  default boolean allGrey() {
    for (int i = 0; i < count(); i++) {
      if (!isGrey(i)) {
        return false;
      }
    }
    return true;
  }

  @Override
  default void close() {}
}
