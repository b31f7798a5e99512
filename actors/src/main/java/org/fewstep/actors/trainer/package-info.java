/** Computes gradients, one unit a message, on one thread for life. */
@NullMarked
package org.fewstep.actors.trainer;

import org.jspecify.annotations.NullMarked;
