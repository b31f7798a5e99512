/** Scores: features of images, their moments, and the distances between them. */
@NullMarked
package org.fewstep.model.metrics;

import org.jspecify.annotations.NullMarked;
