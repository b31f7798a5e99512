package org.fewstep.deploy.output;

import java.io.OutputStream;
import java.io.PrintStream;

/**
 * Standard output and standard error of a command. Results go to standard output: either for people
 * or, with {@code --json}, one object a line and nothing else. Everything else goes to standard
 * error.
 */
public final class Console {
  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintStream out;
  private final PrintStream err;
  private final boolean json;
  private final boolean terminal;

  /**
   * @param json whether scripts read standard output
   * @param terminal whether people watch standard error, so that lines there may be rewritten
   */
  public Console(PrintStream out, PrintStream err, boolean json, boolean terminal) {
    this.out = out;
    this.err = err;
    this.json = json;
    this.terminal = terminal;
  }

  /** The process's own; the launcher tells whether standard error is a terminal. */
  public static Console system(boolean json) {
    return new Console(System.out, System.err, json, Boolean.getBoolean("fewstep.terminal"));
  }

  /** The same for work inside a command: its results are dropped, the rest is shown. */
  public Console progressOnly() {
    return new Console(new PrintStream(OutputStream.nullOutputStream()), err, json, terminal);
  }

  /** The same, but nothing is said. */
  public Console silent() {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return new Console(nowhere, nowhere, json, false);
  }

  /** Whether lines on standard error may be rewritten. */
  public boolean terminal() {
    return terminal;
  }

  /** Rewrites the last line on the terminal; the next line of any other kind removes it. */
  public synchronized void rewrite(String line) {
    err.print("\r" + line);
    err.flush();
  }

  /** Removes what was rewritten last. */
  public synchronized void clear() {
    if (terminal) {
      err.print(CLEAR_LINE);
      err.flush();
    }
  }

  /** A result for people; dropped when scripts read. */
  public synchronized void human(String text) {
    if (!json) {
      clear();
      out.println(text);
    }
  }

  /** A result for scripts; dropped when people read. */
  public synchronized void json(Json object) {
    if (json) {
      out.println(object);
    }
  }

  /** Something to know beside the results. */
  public synchronized void note(String text) {
    clear();
    err.println(text);
  }
}
