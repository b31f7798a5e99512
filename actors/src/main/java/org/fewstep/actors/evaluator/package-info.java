/** Samples from and scores what a run has learnt, beside the training. */
@NullMarked
package org.fewstep.actors.evaluator;

import org.jspecify.annotations.NullMarked;
