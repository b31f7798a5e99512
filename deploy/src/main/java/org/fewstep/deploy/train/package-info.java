/** A run on this machine: made from settings, watched, recorded. */
@NullMarked
package org.fewstep.deploy.train;

import org.jspecify.annotations.NullMarked;
