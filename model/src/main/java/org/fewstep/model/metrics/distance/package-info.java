/** Scores that compare sets of feature vectors or judge one, apart from where they come from. */
@NullMarked
package org.fewstep.model.metrics.distance;

import org.jspecify.annotations.NullMarked;
