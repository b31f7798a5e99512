/** Comparisons with what a user would pick instead; a library behind {@code fewstep bench}. */
@NullMarked
package org.fewstep.tests.bench;

import org.jspecify.annotations.NullMarked;
