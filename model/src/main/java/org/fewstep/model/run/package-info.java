@NullMarked
package org.fewstep.model.run;

import org.jspecify.annotations.NullMarked;
