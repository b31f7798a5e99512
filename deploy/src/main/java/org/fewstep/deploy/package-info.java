@NullMarked
package org.fewstep.deploy;

import org.jspecify.annotations.NullMarked;
