package org.fewstep.model.io;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.fewstep.config.UserException;

/** Says in one sentence what the operating system refused. */
public final class IoFailures {
  private IoFailures() {}

  public static UserException cannotRead(Path file, IOException cause) {
    return new UserException("cannot read %s: %s".formatted(file, reason(cause)), cause);
  }

  public static UserException cannotWrite(Path file, IOException cause) {
    return new UserException("cannot write %s: %s".formatted(file, reason(cause)), cause);
  }

  /** Why, without saying what was tried. */
  public static String reason(IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "there is no such file";
    }
    if (cause instanceof FileSystemLoopException) {
      return "it links to a folder that it lies in";
    }
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof FileSystemException failure && failure.getReason() != null) {
      return failure.getReason();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }
}
