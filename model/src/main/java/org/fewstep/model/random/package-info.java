@NullMarked
package org.fewstep.model.random;

import org.jspecify.annotations.NullMarked;
