/**
 * The {@code fewstep} command.
 *
 * <p>What a command needs to refuse a mistake, to help or to name its version is loaded without
 * ND4J, which takes seconds to start.
 */
@NullMarked
package org.fewstep.deploy;

import org.jspecify.annotations.NullMarked;
