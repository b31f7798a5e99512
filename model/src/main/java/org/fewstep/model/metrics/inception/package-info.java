/** The Inception-v3 network that FID is defined on, and how images are prepared for it. */
@NullMarked
package org.fewstep.model.metrics.inception;

import org.jspecify.annotations.NullMarked;
