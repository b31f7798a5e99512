package org.fewstep.deploy.train;

import java.util.Optional;
import java.util.OptionalInt;
import org.fewstep.config.RunConfig;
import org.fewstep.deploy.output.Numbers;
import org.fewstep.model.checkpoint.StepModelSpec;
import org.fewstep.model.run.RunMemory;

/**
 * Tells beforehand what would otherwise be seen when the system ends the process, perhaps hours
 * after its beginning.
 *
 * @param trainers in this process
 */
record MemoryWarning(RunConfig config, StepModelSpec spec, int trainers) {

  /**
   * A sentence where the run takes more than there is, and what would help.
   *
   * @param machineBytes memory of the machine or container
   * @param heapBytes what Java's heap may grow to
   */
  Optional<String> on(long machineBytes, long heapBytes) {
    RunMemory memory = RunMemory.of(config, spec, trainers);
    if (memory.total() > machineBytes) {
      return Optional.of(
          "this run takes about %s of memory, but there are %s; %s"
              .formatted(
                  Numbers.bytes(memory.total()), Numbers.bytes(machineBytes), help(machineBytes)));
    }
    if (memory.heap() > heapBytes) {
      return Optional.of(
          "this run takes about %s of Java's heap, which may hold %s; FEWSTEP_JAVA_OPTS=-Xmx%dm gives it more"
              .formatted(
                  Numbers.bytes(memory.heap()),
                  Numbers.bytes(heapBytes),
                  (memory.heap() + memory.heap() / 4 >> 20) + 1));
    }
    return Optional.empty();
  }

  private String help(long machineBytes) {
    OptionalInt fitting = RunMemory.fitting(config, spec, trainers, machineBytes);
    return fitting.isPresent()
        ? "micro-batch=%d would fit".formatted(fitting.getAsInt())
        : "no micro-batch would fit, only a smaller network, fewer trainers here or fewer units in an"
            + " update (batch, exchange.unit-images)";
  }
}
