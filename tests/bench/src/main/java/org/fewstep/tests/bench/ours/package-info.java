/** This project's side of a comparison. */
@NullMarked
package org.fewstep.tests.bench.ours;

import org.jspecify.annotations.NullMarked;
