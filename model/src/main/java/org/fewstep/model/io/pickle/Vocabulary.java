package org.fewstep.model.io.pickle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The functions and classes that a pickle may ask for, each with what happens here instead. There
 * is no way to reach anything else. Immutable.
 */
public final class Vocabulary {
  /** Stands for a function or class of Python. */
  @FunctionalInterface
  public interface Constructor {
    /**
     * Makes what the original would.
     *
     * @throws IllegalArgumentException saying what is wrong with the arguments
     */
    Object construct(List<Object> arguments);
  }

  /** What a name in a pickle stands for. */
  record Global(String name, Constructor constructor) {}

  private final Map<String, Constructor> functions;
  private final List<String> objectPrefixes;

  private Vocabulary(Map<String, Constructor> functions, List<String> objectPrefixes) {
    this.functions = functions;
    this.objectPrefixes = objectPrefixes;
  }

  /** One that knows nothing yet. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects words. */
  public static final class Builder {
    private final Map<String, Constructor> functions = new HashMap<>();
    private final List<String> objectPrefixes = new ArrayList<>();

    /** A function or class by module and name: {@code collections.OrderedDict}. */
    public Builder function(String name, Constructor constructor) {
      functions.put(name, constructor);
      return this;
    }

    /** A name that is only handed around, such as a type: it stands for itself, uncalled. */
    public Builder name(String name) {
      return function(
          name,
          arguments -> {
            throw new IllegalArgumentException("it calls " + name + ", which is only a name here");
          });
    }

    /** Classes whose objects are only looked at ({@link PyObject}), by the start of their names. */
    public Builder objects(String prefix) {
      objectPrefixes.add(prefix);
      return this;
    }

    /** All words of another vocabulary. */
    public Builder with(Vocabulary other) {
      functions.putAll(other.functions);
      objectPrefixes.addAll(other.objectPrefixes);
      return this;
    }

    public Vocabulary build() {
      return new Vocabulary(Map.copyOf(functions), List.copyOf(objectPrefixes));
    }
  }

  /** What a name stands for; null for one that is not known. */
  @Nullable Global find(String name) {
    Constructor function = functions.get(name);
    if (function != null) {
      return new Global(name, function);
    }
    return objectPrefixes.stream().anyMatch(name::startsWith)
        ? new Global(name, arguments -> new PyObject(name, arguments))
        : null;
  }
}
