/** Talks to the management port of a run. */
@NullMarked
package org.fewstep.deploy.management;

import org.jspecify.annotations.NullMarked;
