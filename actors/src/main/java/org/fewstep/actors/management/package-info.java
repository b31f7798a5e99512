/** What a run tells, and lets be changed, over HTTP while it goes on. */
@NullMarked
package org.fewstep.actors.management;

import org.jspecify.annotations.NullMarked;
