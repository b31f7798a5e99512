@NullMarked
package org.fewstep.model.verify;

import org.jspecify.annotations.NullMarked;
