@NullMarked
package org.fewstep.model;

import org.jspecify.annotations.NullMarked;
