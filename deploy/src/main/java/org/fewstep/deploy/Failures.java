package org.fewstep.deploy;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.fewstep.config.UserException;
import org.jspecify.annotations.Nullable;

/** Turns a failure into one sentence and an {@link ExitCode}. */
final class Failures {
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private final String[] args;
  private final PrintStream err;
  private final List<Path> folders;

  /**
   * @param args of the command
   * @param err standard error
   * @param folders for reports; the first that can be written to is taken
   */
  Failures(String[] args, PrintStream err, List<Path> folders) {
    this.args = args;
    this.err = err;
    this.folders = folders;
  }

  /** Those of this process: reports go to the current folder, or where temporary files go. */
  static Failures system(String[] args) {
    return new Failures(
        args,
        System.err,
        List.of(Path.of(""), Path.of(System.getProperty("java.io.tmpdir", "/tmp"))));
  }

  /** Prints what went wrong; a defect gets a report in a file of its own. */
  int report(Throwable failure) {
    Throwable cause = unwrapped(failure);
    String sentence = mistake(cause);
    if (sentence != null) {
      err.println("fewstep: " + sentence.strip().replaceAll("\\s*\\R\\s*", " "));
      return ExitCode.USER_MISTAKE;
    }
    String report = reportOn(cause);
    String name =
        "fewstep-report-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP) + ".txt";
    for (Path folder : folders) {
      Path file = folder.resolve(name).toAbsolutePath();
      try {
        Files.writeString(file, report);
        err.printf(
            "fewstep: a defect of the program ended this (%s); please send its makers the report"
                + " %s%n",
            cause.getClass().getSimpleName(), file);
        return ExitCode.DEFECT;
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
    err.println(report);
    return ExitCode.DEFECT;
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    boolean wrapper =
        failure instanceof CompletionException || failure instanceof ExecutionException;
    return wrapper && cause != null ? unwrapped(cause) : failure;
  }

  /** The sentence for what the user can put right, null for everything else. */
  private static @Nullable String mistake(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UserException) {
        return cause.getMessage();
      }
      if (cause instanceof UncheckedIOException
          && cause.getCause() instanceof FileSystemException refused) {
        return "the disk refuses: " + refused.getMessage() + reason(refused);
      }
      if (cause instanceof InvalidPathException path) {
        return "'%s' is not a path here: %s; choose another name, or set LC_ALL=C.UTF-8 if it has"
                .formatted(path.getInput(), path.getReason())
            + " letters with accents or of other scripts";
      }
      if (cause instanceof OutOfMemoryError) {
        return "not enough memory (%s): choose a smaller network, batch or number of trainers, or"
                .formatted(cause.getMessage())
            + " give Java more with FEWSTEP_JAVA_OPTS=-Xmx8g";
      }
      if (cause instanceof UnsatisfiedLinkError) {
        return "the native library does not load on this machine: " + cause.getMessage();
      }
    }
    return null;
  }

  private static String reason(FileSystemException refused) {
    return refused.getReason() == null ? " (" + refused.getClass().getSimpleName() + ")" : "";
  }

  private String reportOn(Throwable failure) {
    StringWriter text = new StringWriter();
    try (PrintWriter out = new PrintWriter(text)) {
      out.println("version: " + Version.text());
      out.println("command: fewstep " + String.join(" ", args));
      out.println("time: " + LocalDateTime.now(ZoneId.systemDefault()));
      for (String key :
          List.of("java.version", "java.vm.name", "os.name", "os.arch", "os.version")) {
        out.println(key + ": " + System.getProperty(key));
      }
      out.println("processors: " + Runtime.getRuntime().availableProcessors());
      out.println("heap_mib: " + (Runtime.getRuntime().maxMemory() >> 20));
      out.println();
      failure.printStackTrace(out);
    }
    return text.toString();
  }
}
