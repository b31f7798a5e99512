/** How tensors travel: beside the messages, against a ticket. */
@NullMarked
package org.fewstep.protocol.bulk;

import org.jspecify.annotations.NullMarked;
