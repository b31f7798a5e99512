package org.fewstep.tests;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.fewstep.deploy.Fewstep;

/**
 * One process that gives many commands, one after the other, in one folder. For commands that end
 * soon: nearly all of their time goes into the start of a process.
 */
final class CommandServer implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Process process;
  private final Writer requests;
  private final BufferedReader answers;

  /** What a command came to. */
  record Answer(int exitCode, List<String> out, List<String> err) {}

  private CommandServer(Process process) {
    this.process = process;
    this.requests = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static CommandServer startIn(Path folder) {
    try {
      return new CommandServer(
          new ProcessBuilder(CommandLine.ofTests(CommandServer.class))
              .directory(folder.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Command.Result run(String... arguments) {
    try {
      requests.write(JSON.writeValueAsString(arguments) + "\n");
      requests.flush();
      String line = answers.readLine();
      if (line == null) {
        throw new IllegalStateException(
            "the process ended with " + process.waitFor() + " in " + List.of(arguments));
      }
      Answer answer = JSON.readValue(line, Answer.class);
      return new Command.Result(List.of(arguments), answer.exitCode(), answer.out(), answer.err());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The process: an array of arguments a line comes in, an answer a line goes out. */
  public static void main(String[] none) throws IOException {
    PrintStream channel = System.out;
    PrintStream err = System.err;
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      ByteArrayOutputStream complained = new ByteArrayOutputStream();
      System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
      int code = Fewstep.run(JSON.readValue(line, String[].class));
      System.setErr(err);
      channel.println(JSON.writeValueAsString(new Answer(code, lines(said), lines(complained))));
      channel.flush();
    }
  }

  private static List<String> lines(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
