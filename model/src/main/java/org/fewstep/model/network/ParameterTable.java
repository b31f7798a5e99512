package org.fewstep.model.network;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.config.UserException;
import org.fewstep.model.random.CounterRandom;
import org.fewstep.model.random.Purpose;

/**
 * Where each named tensor lies in a network's flat parameter vector. Names and shapes are those of
 * the official checkpoints, without the wrapper's prefix {@code model.}.
 */
public final class ParameterTable {
  /** What becomes of a tensor in training. */
  public enum Role {
    /** The optimiser moves it. */
    TRAINED,
    /** Counts as a parameter, but keeps its first values. */
    FIXED,
    /** Keeps its first values and does not count as a parameter; weights files hold it. */
    BUFFER
  }

  /**
   * One tensor: its row-major elements are {@code flat[offset .. offset + length)}.
   *
   * @param name official name, such as {@code enc.28x28_block0.conv0.weight}
   */
  public record Entry(String name, long[] shape, long offset, Initialiser initialiser, Role role) {
    /** A trained tensor. */
    public Entry(String name, long[] shape, long offset, Initialiser initialiser) {
      this(name, shape, offset, initialiser, Role.TRAINED);
    }

    public int length() {
      long length = 1;
      for (long dimension : shape) {
        length *= dimension;
      }
      return Math.toIntExact(length);
    }
  }

  private final Map<String, Entry> entries;
  private final int length;

  public ParameterTable(List<Entry> entries) {
    Map<String, Entry> byName = new LinkedHashMap<>();
    long next = 0;
    for (Entry entry : entries) {
      if (entry.offset() != next) {
        throw new IllegalArgumentException(entry.name() + " leaves a hole at offset " + next);
      }
      if (byName.put(entry.name(), entry) != null) {
        throw new IllegalArgumentException("two parameters are named " + entry.name());
      }
      next += entry.length();
    }
    this.entries = Collections.unmodifiableMap(byName);
    this.length = Math.toIntExact(next);
  }

  /** All tensors in the order of the flat vector. */
  public List<Entry> entries() {
    return new ArrayList<>(entries.values());
  }

  /** The tensor of that name. */
  public Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no parameter is named " + name);
    }
    return entry;
  }

  public boolean contains(String name) {
    return entries.containsKey(name);
  }

  /** Length of the flat vector. */
  public int length() {
    return length;
  }

  /** Number of parameters as the papers count them: the flat vector without buffers. */
  public long parameterCount() {
    return entries.values().stream()
        .filter(entry -> entry.role() != Role.BUFFER)
        .mapToLong(Entry::length)
        .sum();
  }

  /** The tensors that training leaves alone. */
  public List<Entry> untrained() {
    return entries.values().stream().filter(entry -> entry.role() != Role.TRAINED).toList();
  }

  /** Name of the tensor that holds element {@code index} of the flat vector. */
  public String nameAt(long index) {
    for (Entry entry : entries.values()) {
      if (index >= entry.offset() && index < entry.offset() + entry.length()) {
        return entry.name();
      }
    }
    throw new IllegalArgumentException("there is no parameter " + index + " of " + length);
  }

  /**
   * Refuses weights of which nothing would come.
   *
   * @param prefix what the tensors' names begin with in the file
   * @throws UserException naming the first tensor that holds NaN or an infinity
   */
  public void checkFinite(float[] flat, Path file, String prefix) {
    for (int i = 0; i < length; i++) {
      if (!Float.isFinite(flat[i])) {
        throw new UserException("%s holds %s in %s".formatted(file, flat[i], prefix + nameAt(i)));
      }
    }
  }

  /**
   * Fresh weights: a function of the seed and of each tensor's name order, not of the machine or of
   * the order in which layers are built.
   */
  public float[] initialise(long seed) {
    float[] flat = new float[length];
    List<String> names = new ArrayList<>(entries.keySet());
    Collections.sort(names);
    for (int i = 0; i < names.size(); i++) {
      Entry entry = entry(names.get(i));
      float[] values = new float[entry.length()];
      entry
          .initialiser()
          .fill(values, entry.shape(), CounterRandom.of(seed, Purpose.INITIALISATION, i));
      System.arraycopy(values, 0, flat, Math.toIntExact(entry.offset()), values.length);
    }
    return flat;
  }
}
