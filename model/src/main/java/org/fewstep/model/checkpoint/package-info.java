@NullMarked
package org.fewstep.model.checkpoint;

import org.jspecify.annotations.NullMarked;
