/** File formats, none of which knows what its numbers mean. */
@NullMarked
package org.fewstep.model.io;

import org.jspecify.annotations.NullMarked;
