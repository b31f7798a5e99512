/** Makes data sets from pictures, and fetches those that packages ship. */
@NullMarked
package org.fewstep.deploy.data;

import org.jspecify.annotations.NullMarked;
