/** Both ends of a transfer between two processes, ours and a bare socket's. */
@NullMarked
package org.fewstep.tests.bench.transfer;

import org.jspecify.annotations.NullMarked;
