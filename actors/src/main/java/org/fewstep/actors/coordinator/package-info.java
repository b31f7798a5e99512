/** What is decided in one place, in one order: pushes, versions, leases, the end of a run. */
@NullMarked
package org.fewstep.actors.coordinator;

import org.jspecify.annotations.NullMarked;
