/** Reads units of work for the trainers of its node. */
@NullMarked
package org.fewstep.actors.loader;

import org.jspecify.annotations.NullMarked;
