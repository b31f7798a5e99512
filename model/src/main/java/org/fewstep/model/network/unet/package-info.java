@NullMarked
package org.fewstep.model.network.unet;

import org.jspecify.annotations.NullMarked;
