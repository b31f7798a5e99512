/** Weights that other programs wrote, read without executing anything of them. */
@NullMarked
package org.fewstep.model.checkpoint.imported;

import org.jspecify.annotations.NullMarked;
