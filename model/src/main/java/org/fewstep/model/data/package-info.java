@NullMarked
package org.fewstep.model.data;

import org.jspecify.annotations.NullMarked;
