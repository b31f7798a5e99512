package org.fewstep.model.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.fewstep.config.UserException;
import org.fewstep.model.device.CpuThreads;
import org.fewstep.model.device.ProcessEnvironment;
import org.fewstep.model.io.IoFailures;
import org.fewstep.model.io.RegularFiles;
import org.jspecify.annotations.Nullable;

/**
 * A network in an ONNX file with one input of float32, run by ONNX Runtime on the CPU. The file is
 * read as a whole and may not point to weights in other files, so that its checksum tells all.
 * Belongs to one thread.
 */
public final class OnnxModel implements AutoCloseable {
  private static final int MAX_REASON = 200;

  static {
    // ONNX Runtime 1.29 would send usage data to its makers, and to prepare them searches the
    // command
    // line by a recursion that ends the process where that is long (its issue 32173 and others).
    ProcessEnvironment.set("ORT_DISABLE_TELEMETRY", "1");
  }

  /**
   * An input or output.
   *
   * @param shape with -1 for an extent that the file leaves open
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Port(String name, long[] shape) {
    /** The shape as people read it. */
    public String words() {
      return Arrays.toString(shape).replace("-1", "?");
    }
  }

  private final Path file;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Port input;
  private final List<Port> outputs;
  private FloatBuffer values = FloatBuffer.allocate(0);

  private OnnxModel(
      Path file, OrtEnvironment environment, OrtSession session, Port input, List<Port> outputs) {
    this.file = file;
    this.environment = environment;
    this.session = session;
    this.input = input;
    this.outputs = outputs;
  }

  /** Whether a file's name says that it holds such a network. */
  public static boolean isNamedSo(String file) {
    return file.toLowerCase(Locale.ROOT).endsWith(".onnx");
  }

  /**
   * Opens a file, to compute with {@link CpuThreads#count} threads.
   *
   * @throws UserException if there is no such file, it is damaged, or has other than one input
   */
  public static OnnxModel open(Path file) {
    // Other threads train meanwhile: those that wait for work are not to spin.
    return open(file, CpuThreads.count(), false);
  }

  /**
   * Opens a file.
   *
   * @param spinning whether threads that wait for work keep their cores busy
   * @throws UserException as above
   */
  public static OnnxModel open(Path file, int threads, boolean spinning) {
    ByteBuffer content = map(file);
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
    OrtSession session = null;
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      options.setInterOpNumThreads(1);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      options.addConfigEntry("session.intra_op.allow_spinning", spinning ? "1" : "0");
      session = environment.createSession(content, options);
      List<Port> inputs = ports(file, session.getInputInfo());
      if (inputs.size() != 1) {
        throw new UserException(
            "%s takes %d inputs (%s), but a network with one is needed"
                .formatted(
                    file,
                    inputs.size(),
                    String.join(", ", inputs.stream().map(Port::name).toList())));
      }
      return new OnnxModel(
          file, environment, session, inputs.get(0), ports(file, session.getOutputInfo()));
    } catch (OrtException e) {
      close(session);
      throw new UserException(
          "%s is no usable ONNX network: %s".formatted(file, reason(e.getMessage())), e);
    } catch (UserException e) {
      close(session);
      throw e;
    }
  }

  private static ByteBuffer map(Path file) {
    RegularFiles.check(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = channel.size();
      if (bytes == 0 || bytes > Integer.MAX_VALUE) {
        throw new UserException(
            bytes == 0
                ? file + " is empty"
                : "%s has %d MiB, but an ONNX file has less than 2 GiB"
                    .formatted(file, bytes >> 20));
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes);
    } catch (IOException e) {
      throw IoFailures.cannotRead(file, e);
    }
  }

  private static List<Port> ports(Path file, Map<String, NodeInfo> infos) {
    List<Port> ports = new ArrayList<>();
    infos.forEach(
        (name, info) -> {
          if (!(info.getInfo() instanceof TensorInfo tensor) || tensor.type != OnnxJavaType.FLOAT) {
            throw new UserException(
                "%s: '%s' is no tensor of float32; export the network with float32 inputs and outputs"
                    .formatted(file, name));
          }
          ports.add(new Port(name, tensor.getShape()));
        });
    return ports;
  }

  /** The input. */
  public Port input() {
    return input;
  }

  /**
   * An output.
   *
   * @param name null for the only one
   * @throws UserException if there is none of that name, or several and no name
   */
  public Port output(@Nullable String name) {
    List<String> names = outputs.stream().map(Port::name).toList();
    if (name == null && outputs.size() > 1) {
      throw new UserException(
          "%s has several outputs; choose one by output=NAME out of %s"
              .formatted(file, String.join(", ", names)));
    }
    return outputs.stream()
        .filter(port -> name == null || port.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserException(
                    "%s has no output '%s'; it has %s"
                        .formatted(file, name, String.join(", ", names))));
  }

  /** Whether there is a choice of outputs. */
  public boolean hasSeveralOutputs() {
    return outputs.size() > 1;
  }

  /**
   * An output's values.
   *
   * @param shape of the result
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Result(float[] values, long[] shape) {}

  /**
   * Computes one output.
   *
   * @param given numbers in row-major order
   * @param shape of the input
   * @throws UserException if the network does not take this shape
   */
  public Result run(float[] given, long[] shape, Port output) {
    if (values.capacity() != given.length) {
      values =
          ByteBuffer.allocateDirect(given.length * Float.BYTES)
              .order(ByteOrder.nativeOrder())
              .asFloatBuffer();
    }
    values.clear();
    values.put(given).flip();
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, values, shape);
        OrtSession.Result result =
            session.run(Map.of(input.name(), tensor), Set.of(output.name()))) {
      OnnxTensor made = (OnnxTensor) result.get(0);
      FloatBuffer buffer = made.getFloatBuffer();
      float[] copy = new float[buffer.remaining()];
      buffer.get(copy);
      return new Result(copy, made.getInfo().getShape());
    } catch (OrtException e) {
      throw new UserException(
          "%s does not compute with an input of %s: %s"
              .formatted(file, Arrays.toString(shape), reason(e.getMessage())),
          e);
    }
  }

  private static String reason(@Nullable String message) {
    String words = String.valueOf(message).replaceAll("\\s+", " ").strip();
    return words.length() <= MAX_REASON ? words : words.substring(0, MAX_REASON) + " ...";
  }

  private static void close(@Nullable OrtSession session) {
    if (session == null) {
      return;
    }
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    close(session);
  }
}
