/** The subcommands: each reads its options, says what is wrong with them, and does one thing. */
@NullMarked
package org.fewstep.deploy.command;

import org.jspecify.annotations.NullMarked;
