/** The side of a comparison that a user of libtorch would write. */
@NullMarked
package org.fewstep.tests.bench.libtorch;

import org.jspecify.annotations.NullMarked;
