/** Owns parameters, optimiser and averages; applies what was decided. */
@NullMarked
package org.fewstep.actors.server;

import org.jspecify.annotations.NullMarked;
