package org.fewstep.protocol;

import org.apache.pekko.actor.NoSerializationVerificationNeeded;

/** What a data loader may be told. */
public sealed interface LoaderMessage {

  /**
   * Units for the loader to read and hand to the trainers of its node.
   *
   * @param lease names the lease
   * @param baseVersion the version of the parameters at which these units are to be computed, or
   *     {@link #ANY_VERSION}
   * @param firstUnit index of the first unit; the others follow it
   * @param units how many
   * @param validMillis after this time the units may be leased to others
   * @param publishedVersion the version now served
   * @param delay versions from {@code baseVersion} to the one that the units' update starts from
   */
  record LeaseGranted(
      long lease,
      long baseVersion,
      long firstUnit,
      int units,
      long validMillis,
      long publishedVersion,
      int delay)
      implements LoaderMessage, WireMessage {
    /** Of units that may be computed at whatever version is at hand. */
    public static final long ANY_VERSION = -1;

    /** Units whose update starts from the version they are computed at. */
    public LeaseGranted(
        long lease,
        long baseVersion,
        long firstUnit,
        int units,
        long validMillis,
        long publishedVersion) {
      this(lease, baseVersion, firstUnit, units, validMillis, publishedVersion, 0);
    }
  }

  /** The parameter server serves a new version: units that waited for it can be computed. */
  record VersionPublished(long version, long images) implements LoaderMessage, WireMessage {}

  /** What never leaves the loader's JVM: units of images among it. */
  non-sealed interface Local extends LoaderMessage, NoSerializationVerificationNeeded {}
}
