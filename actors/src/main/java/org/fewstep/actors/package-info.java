/** Who does what when: the actors of a run. What they say to each other is in {@code protocol}. */
@NullMarked
package org.fewstep.actors;

import org.jspecify.annotations.NullMarked;
