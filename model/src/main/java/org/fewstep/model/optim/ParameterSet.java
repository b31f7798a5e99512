package org.fewstep.model.optim;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parameters that are trained together: the vector, its optimiser, its learning rate, its EMA
 * tracks, and the two clocks, version (updates applied) and images (images they were computed
 * from). Belongs to one thread; what it hands out are copies.
 *
 * <p>A set may have a companion: another set, as large, that is trained in turn with it. Updates at
 * even versions change the companion, those at odd versions the set itself, and both have one
 * clock. They are published and saved together.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>EMA-1: a track advances exactly when its set does. The set keeps its tracks to itself, and
 *       {@link #apply} moves everything or nothing.
 *   <li>SET-1: an update is applied as a whole or not at all. Everything that can be refused is
 *       refused before anything changes; a gradient with a single non-finite value is.
 * </ul>
 */
public final class ParameterSet {
  private final String name;
  private final float[] parameters;
  private final Optimizer optimizer;
  private final LearningRate learningRate;
  private final Untrained untrained;
  private final Map<String, EmaTrack> tracks = new LinkedHashMap<>();
  private long version;
  private long images;
  private List<Long> unitsAhead = List.of();
  private List<float[]> earlier = List.of();
  private final @Nullable ParameterSet companion;
  private @Nullable EmaTrack publishedTrack;

  /** Elements [from, from + length) of the vector. */
  public record Range(int from, int length) {}

  /**
   * Everything needed to go on from here, as a checkpoint keeps it: copies that nobody else holds.
   *
   * @param tracks averages by the name of their track
   * @param unitsAhead units of work that count already although a lower one does not: the first
   *     unit of a range, the unit behind it, and so on, ascending
   * @param earlier what was published at the versions before and somebody still computes at, newest
   *     first
   * @param companion of the set that is trained in turn with this one, null if there is none
   */
  @SuppressWarnings("ArrayRecordComponent") // a carrier to and from files, never compared
  public record State(
      long version,
      long images,
      float[] parameters,
      long optimizerSteps,
      Map<String, float[]> optimizerState,
      Map<String, float[]> tracks,
      List<Long> unitsAhead,
      List<float[]> earlier,
      @Nullable State companion) {
    public State {
      unitsAhead = List.copyOf(unitsAhead);
      earlier = List.copyOf(earlier);
    }

    /** A state of a set without a companion. */
    public State(
        long version,
        long images,
        float[] parameters,
        long optimizerSteps,
        Map<String, float[]> optimizerState,
        Map<String, float[]> tracks,
        List<Long> unitsAhead,
        List<float[]> earlier) {
      this(
          version,
          images,
          parameters,
          optimizerSteps,
          optimizerState,
          tracks,
          unitsAhead,
          earlier,
          null);
    }

    /** A state whose units have no gap, and to which no version before it matters. */
    public State(
        long version,
        long images,
        float[] parameters,
        long optimizerSteps,
        Map<String, float[]> optimizerState,
        Map<String, float[]> tracks) {
      this(
          version,
          images,
          parameters,
          optimizerSteps,
          optimizerState,
          tracks,
          List.of(),
          List.of());
    }

    /** The same parameters, optimiser and tracks at another time. */
    public State at(
        long otherVersion,
        long otherImages,
        List<Long> otherUnitsAhead,
        List<float[]> otherEarlier) {
      return new State(
          otherVersion,
          otherImages,
          parameters,
          optimizerSteps,
          optimizerState,
          tracks,
          otherUnitsAhead,
          otherEarlier,
          companion == null ? null : companion.at(otherVersion, otherImages, List.of(), List.of()));
    }
  }

  /**
   * A new set at version 0.
   *
   * @param initial initial parameters, copied
   * @param tracks as they shall start, copied; none may be called {@link Snapshot#LIVE}
   */
  public ParameterSet(
      String name,
      float[] initial,
      Optimizer optimizer,
      List<EmaTrack> tracks,
      LearningRate learningRate) {
    this(name, initial, optimizer, tracks, learningRate, List.of());
  }

  /**
   * A new set at version 0, parts of which keep their values whatever their gradient and the weight
   * decay.
   */
  public ParameterSet(
      String name,
      float[] initial,
      Optimizer optimizer,
      List<EmaTrack> tracks,
      LearningRate learningRate,
      List<Range> untrained) {
    this(name, initial, optimizer, tracks, learningRate, untrained, null);
  }

  /**
   * A new set at version 0 that is trained in turn with another.
   *
   * @param companion at version 0, as large, belongs to this set from now on; null for none
   */
  public ParameterSet(
      String name,
      float[] initial,
      Optimizer optimizer,
      List<EmaTrack> tracks,
      LearningRate learningRate,
      List<Range> untrained,
      @Nullable ParameterSet companion) {
    if (companion != null && (companion.size() != initial.length || companion.version() != 0)) {
      throw new IllegalArgumentException(
          "set '%s': %d parameters beside %d of '%s' at version %d"
              .formatted(
                  name, initial.length, companion.size(), companion.name(), companion.version()));
    }
    if (optimizer.size() != initial.length) {
      throw new IllegalArgumentException(
          "set '%s': %d parameters, an optimiser of %d"
              .formatted(name, initial.length, optimizer.size()));
    }
    this.name = name;
    this.parameters = initial.clone();
    this.optimizer = optimizer;
    this.learningRate = learningRate;
    this.untrained = new Untrained(untrained);
    this.companion = companion;
    for (EmaTrack track : tracks) {
      EmaTrack own = new EmaTrack(track);
      Vectors.checkLength(own.name(), initial.length, own.values());
      if (own.name().equals(Snapshot.LIVE) || this.tracks.put(own.name(), own) != null) {
        throw new IllegalArgumentException(
            "set '%s' cannot have another track named '%s'".formatted(name, own.name()));
      }
    }
  }

  /**
   * One transaction: an optimiser step at the learning rate of the images seen so far, then images
   * += deltaImages, version + 1, and every track advances.
   *
   * @param gradient mean over the update's images
   * @param deltaImages images that the gradient was computed from, at least 1
   * @throws IllegalArgumentException if the gradient has another length or a value that is not
   *     finite (its position is named); then nothing has changed
   */
  public void apply(float[] gradient, long deltaImages) {
    apply(gradient, deltaImages, 1);
  }

  /**
   * As {@link #apply(float[], long)}, with a shorter step. The factor multiplies the learning rate,
   * not the gradient, whose scale an optimiser of the Adam family takes out again.
   *
   * @param factor on the learning rate, above 0
   */
  public void apply(float[] gradient, long deltaImages, double factor) {
    if (companion != null && version % 2 == 0) {
      companion.apply(gradient, deltaImages, factor);
      pass(deltaImages);
      return;
    }
    check(gradient, deltaImages, factor);
    if (companion != null) {
      companion.pass(deltaImages);
    }
    untrained.keep(
        parameters, () -> optimizer.step(parameters, gradient, learningRate.at(images) * factor));
    advance(deltaImages);
  }

  /**
   * One transaction as {@link #apply(float[], long)}, of a difference that trainers made by steps
   * of their own; the set's optimiser is a {@link DelayedNesterov}.
   *
   * @param difference parameters before less parameters after those steps
   * @param rest what rounding took from the difference, null for nothing
   * @param factor on the difference, above 0
   */
  public void applyDifference(
      float[] difference, float @Nullable [] rest, long deltaImages, double factor) {
    if (!(optimizer instanceof DelayedNesterov outer) || companion != null) {
      throw new IllegalStateException("set '%s' takes gradients".formatted(name));
    }
    check(difference, deltaImages, factor);
    if (rest != null) {
      check(rest, deltaImages, factor);
    }
    untrained.keep(parameters, () -> outer.step(parameters, difference, rest, factor));
    advance(deltaImages);
  }

  private void check(float[] gradient, long deltaImages, double factor) {
    Vectors.checkLength("gradient of " + name, parameters.length, gradient);
    if (deltaImages < 1 || !(factor > 0)) {
      throw new IllegalArgumentException(
          "an update of %d images with factor %s".formatted(deltaImages, factor));
    }
    int position = Vectors.firstNonFinite(gradient);
    if (position >= 0) {
      throw new IllegalArgumentException(
          "the gradient of set '%s' is %s at position %d"
              .formatted(name, gradient[position], position));
    }
  }

  private void advance(long deltaImages) {
    images += deltaImages;
    version++;
    for (EmaTrack track : tracks.values()) {
      track.advance(parameters, images, deltaImages);
    }
  }

  /**
   * Lets an update pass without applying anything: images += deltaImages, version + 1. Parameters,
   * optimiser and tracks stay as they are.
   */
  public void leaveOut(long deltaImages) {
    if (deltaImages < 1) {
      throw new IllegalArgumentException("an update of %d images".formatted(deltaImages));
    }
    if (companion != null) {
      companion.pass(deltaImages);
    }
    pass(deltaImages);
  }

  private void pass(long deltaImages) {
    images += deltaImages;
    version++;
  }

  public String name() {
    return name;
  }

  /** Number of parameters. */
  public int size() {
    return parameters.length;
  }

  /** Updates applied. */
  public long version() {
    return version;
  }

  /** Images seen. */
  public long images() {
    return images;
  }

  /** The learning rate that the next update will use. */
  public double nextLearningRate() {
    return learningRate.at(images);
  }

  /** Units that count although a lower one does not, as {@link State} lists them. */
  public List<Long> unitsAhead() {
    return unitsAhead;
  }

  /** Says which units are ahead from now on. */
  public void setUnitsAhead(List<Long> units) {
    unitsAhead = List.copyOf(units);
  }

  /** What was published at versions before this one, as {@link State} lists it; not copies. */
  public List<float[]> earlier() {
    return earlier;
  }

  /**
   * Says what was published at versions before this one and is to be saved with it.
   *
   * @param parameters newest first; nobody changes them any more
   */
  public void setEarlier(List<float[]> parameters) {
    parameters.forEach(vector -> Vectors.checkLength(name, this.parameters.length, vector));
    earlier = List.copyOf(parameters);
  }

  /** Names of the tracks, in their order. */
  public List<String> trackNames() {
    return List.copyOf(tracks.keySet());
  }

  /** Whether updates are differences, for {@link #applyDifference}, and no gradients. */
  public boolean takesDifferences() {
    return optimizer instanceof DelayedNesterov;
  }

  /** A copy of the live parameters. */
  public float[] parameters() {
    return parameters.clone();
  }

  /**
   * Says that those who compute gradients need the average of a track too.
   *
   * @throws IllegalArgumentException if there is no such track, or a companion
   */
  public void publishWith(String trackName) {
    if (companion != null) {
      throw new IllegalArgumentException("set '%s' has a companion to publish".formatted(name));
    }
    publishedTrack = track(trackName);
  }

  /**
   * A copy of all that those who compute gradients need: the parameters, then the companion's or
   * those of the track that is to be published.
   *
   * @param stepsAhead updates until their gradients count; the parameters are predicted for then,
   *     the track is not. Must be 0 with a companion.
   */
  public float[] published(int stepsAhead) {
    if (companion != null && stepsAhead != 0) {
      throw new IllegalArgumentException(
          "set '%s' has a companion and cannot be predicted".formatted(name));
    }
    float[] own = predicted(stepsAhead);
    float[] other =
        companion != null
            ? companion.parameters
            : publishedTrack != null ? publishedTrack.values() : null;
    if (other == null) {
      return own;
    }
    float[] both = Arrays.copyOf(own, 2 * own.length);
    System.arraycopy(other, 0, both, parameters.length, parameters.length);
    return both;
  }

  private float[] predicted(int stepsAhead) {
    if (stepsAhead == 0) {
      return parameters();
    }
    float[] predicted = optimizer.predict(parameters, learningRate.at(images), stepsAhead);
    untrained.copy(parameters, predicted);
    return predicted;
  }

  /** An immutable copy of the live parameters. */
  public Snapshot snapshot() {
    return new Snapshot(name, Snapshot.LIVE, version, images, parameters);
  }

  /** An immutable copy of a track's average. */
  public Snapshot snapshot(String trackName) {
    return new Snapshot(name, trackName, version, images, track(trackName).values());
  }

  private EmaTrack track(String trackName) {
    EmaTrack track = tracks.get(trackName);
    if (track == null) {
      throw new IllegalArgumentException(
          "set '%s' has no track '%s', only %s".formatted(name, trackName, tracks.keySet()));
    }
    return track;
  }

  /** Copies everything that {@link #restore} needs. */
  public State state() {
    Map<String, float[]> optimizerState = new LinkedHashMap<>();
    optimizer.state().forEach((key, live) -> optimizerState.put(key, live.clone()));
    return new State(
        version,
        images,
        parameters.clone(),
        optimizer.steps(),
        optimizerState,
        averages(),
        unitsAhead,
        earlier,
        companion == null ? null : companion.state());
  }

  /**
   * Goes back to a state, copying it.
   *
   * @throws IllegalArgumentException if it is not a state of such a set; then nothing has changed
   */
  public void restore(State state) {
    Vectors.checkLength(name, parameters.length, state.parameters());
    Vectors.checkSameLayout(averages(), state.tracks());
    if (state.version() < 0 || state.images() < 0) {
      throw new IllegalArgumentException(
          "set '%s': version %d and %d images".formatted(name, state.version(), state.images()));
    }
    State other = state.companion();
    if ((companion == null) != (other == null)) {
      throw new IllegalArgumentException(
          "set '%s': a state with%s companion".formatted(name, other == null ? "out" : " a"));
    }
    restoreOptimizers(state, other);
    Vectors.copy(name, state.parameters(), parameters);
    for (EmaTrack track : tracks.values()) {
      track.restore(requireNonNull(state.tracks().get(track.name())));
    }
    version = state.version();
    images = state.images();
    unitsAhead = state.unitsAhead();
    earlier = state.earlier();
  }

  /** The last of what can be refused: the companion goes back again where the set's own is. */
  private void restoreOptimizers(State state, @Nullable State other) {
    if (companion == null || other == null) {
      optimizer.restore(state.optimizerSteps(), state.optimizerState());
      return;
    }
    State before = companion.state();
    companion.restore(other);
    try {
      optimizer.restore(state.optimizerSteps(), state.optimizerState());
    } catch (IllegalArgumentException e) {
      companion.restore(before);
      throw e;
    }
  }

  private Map<String, float[]> averages() {
    Map<String, float[]> averages = new LinkedHashMap<>();
    tracks.values().forEach(track -> averages.put(track.name(), track.values()));
    return averages;
  }
}
