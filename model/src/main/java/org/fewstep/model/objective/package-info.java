@NullMarked
package org.fewstep.model.objective;

import org.jspecify.annotations.NullMarked;
