@NullMarked
package org.fewstep.actors;

import org.jspecify.annotations.NullMarked;
