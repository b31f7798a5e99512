/** Finished runs beside each other. */
@NullMarked
package org.fewstep.deploy.compare;

import org.jspecify.annotations.NullMarked;
