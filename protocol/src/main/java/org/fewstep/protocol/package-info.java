/**
 * What the actors of a run say to each other: records with a protobuf form, never a tensor.
 *
 * <p>One sealed interface per recipient lists what it may be told. Records that may leave the JVM
 * are {@link org.fewstep.protocol.WireMessage}s; what an actor tells itself, or an actor of its own
 * JVM, implements the recipient's {@code Local} interface and is never serialised.
 */
@NullMarked
package org.fewstep.protocol;

import org.jspecify.annotations.NullMarked;
