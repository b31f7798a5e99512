@NullMarked
package org.fewstep.model.interpolant;

import org.jspecify.annotations.NullMarked;
