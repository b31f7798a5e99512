/** Data sets, and the cutting of their images into units of work. */
@NullMarked
package org.fewstep.model.data;

import org.jspecify.annotations.NullMarked;
