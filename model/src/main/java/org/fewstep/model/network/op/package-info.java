@NullMarked
package org.fewstep.model.network.op;

import org.jspecify.annotations.NullMarked;
