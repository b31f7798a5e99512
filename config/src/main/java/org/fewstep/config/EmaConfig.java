package org.fewstep.config;

import java.util.List;

/** The averages of the parameters to keep: at least one track, no two of one name. */
public record EmaConfig(List<EmaTrackConfig> tracks) {
  public EmaConfig {
    tracks = List.copyOf(tracks);
    Check.notEmpty("tracks", tracks);
    Check.distinct("tracks", tracks.stream().map(EmaTrackConfig::name).toList());
  }

  /** The tracks' names, in order. */
  public List<String> names() {
    return tracks.stream().map(EmaTrackConfig::name).toList();
  }
}
