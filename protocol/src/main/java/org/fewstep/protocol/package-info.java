@NullMarked
package org.fewstep.protocol;

import org.jspecify.annotations.NullMarked;
