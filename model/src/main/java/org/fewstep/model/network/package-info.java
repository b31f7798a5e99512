@NullMarked
package org.fewstep.model.network;

import org.jspecify.annotations.NullMarked;
