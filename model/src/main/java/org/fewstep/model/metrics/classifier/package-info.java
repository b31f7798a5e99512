/** A small image classifier whose penultimate layer gives the features of scores. */
@NullMarked
package org.fewstep.model.metrics.classifier;

import org.jspecify.annotations.NullMarked;
