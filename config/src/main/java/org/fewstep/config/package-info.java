/**
 * What a run is: settings read from HOCON into records that are valid once they exist.
 *
 * <p>{@link org.fewstep.config.RunConfigLoader} stacks the command line's overrides on a preset or
 * file, that on the defaults, and binds the result to {@link org.fewstep.config.RunConfig}. A
 * record checks itself in its constructor and names the key at fault; the binder adds where that
 * key was written. What each key means and in which unit it counts stands in {@code defaults.conf}.
 */
@NullMarked
package org.fewstep.config;

import org.jspecify.annotations.NullMarked;
