/** A whole run on one machine: all actors in one JVM. */
@NullMarked
package org.fewstep.actors.run;

import org.jspecify.annotations.NullMarked;
