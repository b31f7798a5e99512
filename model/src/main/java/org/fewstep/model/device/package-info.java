@NullMarked
package org.fewstep.model.device;

import org.jspecify.annotations.NullMarked;
