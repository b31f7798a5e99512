/** What people and scripts get to read. */
@NullMarked
package org.fewstep.deploy.output;

import org.jspecify.annotations.NullMarked;
