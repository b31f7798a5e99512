/** The house from outside: its arrows, its command, whole runs. */
@NullMarked
package org.fewstep.tests;

import org.jspecify.annotations.NullMarked;
