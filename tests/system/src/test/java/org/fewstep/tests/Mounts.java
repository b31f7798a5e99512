package org.fewstep.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * File systems that refuse to be written to, whoever asks: mounted in a namespace that the command
 * has for itself. Root needs no user namespace for that, and others get one where the kernel allows
 * it.
 */
final class Mounts {
  private Mounts() {}

  /**
   * Runs a script and then the command; the words of the command are the script's {@code "$@"}.
   *
   * @param script for sh; variables {@code $1}, {@code $2} ... are the command's words
   */
  static List<String> shell(String script) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("unshare", isRoot() ? "-m" : "-rm"));
    Process probe = new ProcessBuilder(with(words, "true")).redirectErrorStream(true).start();
    String said =
        new String(probe.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(probe.waitFor())
        .as("'%s' makes a namespace for mounts; it said: %s", String.join(" ", words), said)
        .isZero();
    return with(words, "sh", "-c", script, "sh");
  }

  private static boolean isRoot() throws IOException {
    return java.nio.file.Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  private static List<String> with(List<String> words, String... more) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of(more));
    return all;
  }

  /** Script: an empty disk of so many MiB at a folder. */
  static String disk(Path folder, int mib) {
    return "mount -t tmpfs -o size=%dm none '%s' || exit 99\n".formatted(mib, folder);
  }

  /** Script: a folder that cannot be written to. */
  static String readOnly(Path folder) {
    return "mount --bind '%1$s' '%1$s' && mount -o remount,bind,ro '%1$s' || exit 99\n"
        .formatted(folder);
  }

  /** Script: the command, then a copy of a folder, which nobody else can see, to another one. */
  static String commandThenCopy(Path from, Path to) {
    return "\"$@\"\ncode=$?\ncp -a '%s/.' '%s' || exit 98\nexit $code\n".formatted(from, to);
  }
}
