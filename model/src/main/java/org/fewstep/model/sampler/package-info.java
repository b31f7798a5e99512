@NullMarked
package org.fewstep.model.sampler;

import org.jspecify.annotations.NullMarked;
