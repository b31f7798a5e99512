/** Optimisers, learning rates and parameter averages: plain loops over flat vectors. */
@NullMarked
package org.fewstep.model.optim;

import org.jspecify.annotations.NullMarked;
