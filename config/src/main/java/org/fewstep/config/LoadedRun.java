package org.fewstep.config;

import com.typesafe.config.Config;

/**
 * A run's settings, as records and as the HOCON tree they were read from, defaults included.
 *
 * @see RunConfigLoader#render
 */
public record LoadedRun(RunConfig config, Config resolved) {}
