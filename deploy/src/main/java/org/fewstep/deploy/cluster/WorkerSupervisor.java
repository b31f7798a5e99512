package org.fewstep.deploy.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.fewstep.deploy.ExitCode;
import org.fewstep.deploy.Fewstep;
import org.fewstep.deploy.Interruption;
import org.fewstep.deploy.output.Console;
import org.fewstep.deploy.output.Json;

/**
 * Starts a process for each device of this machine and watches over them. One that dies by itself
 * is started again, after a wait; one that was refused, or whose run has ended, is not. When this
 * process is told to end, its children are told to leave the run, and are waited for.
 */
public final class WorkerSupervisor {
  /** How a child says that its run does not answer: looking for it again may help. */
  static final int RUN_LOST = 75;

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  /** A child that lived so long did not fail because of how it was started. */
  private static final Duration SOUND_LIFE = Duration.ofMinutes(5);

  private static final int FAILURES_IN_A_ROW = 5;

  private final List<String> arguments;
  private final List<String> devices;
  private final String name;
  private final String owner = UUID.randomUUID().toString();
  private final Console console;
  private final boolean json;

  private final Map<String, Process> children = new LinkedHashMap<>();
  private boolean stopping;

  /**
   * @param arguments of the command that started this process
   * @param devices one process for each
   * @param name of this machine's workers
   * @param json whether scripts read standard output
   */
  public WorkerSupervisor(
      List<String> arguments, List<String> devices, String name, Console console, boolean json) {
    this.arguments = List.copyOf(arguments);
    this.devices = List.copyOf(devices);
    this.name = name;
    this.console = console;
    this.json = json;
  }

  /** Returns how the command ends, once all children have. */
  public int run() {
    Map<String, Integer> codes = new LinkedHashMap<>();
    List<Thread> watches = new ArrayList<>();
    Interruption interruption = Interruption.with(this::stop);
    try {
      for (String device : devices) {
        Thread watch =
            new Thread(
                () -> {
                  int code = watch(device);
                  synchronized (codes) {
                    codes.put(device, code);
                  }
                  if (code == ExitCode.USER_MISTAKE || code == ExitCode.DEFECT) {
                    stop();
                  }
                },
                "device-" + device);
        watches.add(watch);
        watch.start();
      }
      for (Thread watch : watches) {
        watch.join();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      interruption.close();
    }
    for (int code : List.of(ExitCode.USER_MISTAKE, ExitCode.DEFECT, ExitCode.INTERRUPTED)) {
      if (codes.containsValue(code)) {
        return code;
      }
    }
    return ExitCode.DONE;
  }

  private synchronized void stop() {
    stopping = true;
    // The handle's way leaves the pipes open, through which a child tells how it left.
    children.values().forEach(child -> child.toHandle().destroy());
    notifyAll();
  }

  /** Starts a device's process as often as it takes; returns the last one's exit code. */
  private int watch(String device) {
    int failures = 0;
    for (long life = 1; ; life++) {
      long start = System.nanoTime();
      int code = live(device);
      if (code == ExitCode.DONE || code == ExitCode.USER_MISTAKE || code == ExitCode.INTERRUPTED) {
        return code;
      }
      boolean sound = System.nanoTime() - start > SOUND_LIFE.toNanos();
      failures = sound || code == RUN_LOST ? 1 : failures + 1;
      if (failures == FAILURES_IN_A_ROW) {
        console.note(
            "fewstep: device %s failed %d times in a row; giving up".formatted(device, failures));
        return ExitCode.DEFECT;
      }
      Duration wait = FIRST_WAIT.multipliedBy(1L << (failures - 1));
      if (!waited(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT)) {
        return ExitCode.INTERRUPTED;
      }
      console.note(
          "fewstep: the process of device %s ended (exit code %d) and starts again"
              .formatted(device, code));
    }
  }

  /** One life of a device's process. */
  private int live(String device) {
    Process child;
    synchronized (this) {
      if (stopping) {
        return ExitCode.INTERRUPTED;
      }
      child = start(device);
      children.put(device, child);
      if (json) {
        console.json(Json.event("started").put("device", device).put("process", child.pid()));
      }
    }
    Thread err = pump(child.errorReader(StandardCharsets.UTF_8), line -> err(device, line));
    Thread out = pump(child.inputReader(StandardCharsets.UTF_8), line -> out(device, line));
    try {
      int code = child.waitFor();
      out.join();
      err.join();
      return code;
    } catch (InterruptedException e) {
      child.toHandle().destroy();
      throw new IllegalStateException(e);
    }
  }

  private Process start(String device) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Fewstep.class.getName()));
    line.addAll(arguments);
    line.addAll(
        List.of("--device", device, "--node-name", name + "-" + device, "--node-owner", owner));
    try {
      return new ProcessBuilder(line).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Thread pump(BufferedReader lines, Consumer<String> to) {
    Thread pump = new Thread(() -> copy(lines, to), "worker-output");
    pump.start();
    return pump;
  }

  private static void copy(BufferedReader lines, Consumer<String> to) {
    try (lines) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        to.accept(line);
      }
    } catch (IOException e) {
      // The child is gone, and with it what it had to say.
    }
  }

  private void out(String device, String line) {
    if (!json) {
      console.human(prefix(device) + line);
      return;
    }
    Json event;
    try {
      event = Json.parse(line);
    } catch (IllegalArgumentException e) {
      err(device, line); // such as what a native library prints
      return;
    }
    console.json(event.put("device", device));
  }

  private void err(String device, String line) {
    console.note(prefix(device) + line);
  }

  private String prefix(String device) {
    return devices.size() == 1 ? "" : "[device " + device + "] ";
  }

  /** Whether the time has passed without being told to end. */
  private synchronized boolean waited(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    try {
      for (long left = time.toMillis();
          left > 0 && !stopping;
          left = (deadline - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return !stopping;
  }
}
