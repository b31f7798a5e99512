/** Diffusion transformers. */
@NullMarked
package org.fewstep.model.network.dit;

import org.jspecify.annotations.NullMarked;
