@NullMarked
package org.fewstep.config;

import org.jspecify.annotations.NullMarked;
