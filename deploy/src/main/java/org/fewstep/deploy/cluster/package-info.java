/** Nodes of a cluster: processes that lead a run, work for it, or watch over those that do. */
@NullMarked
package org.fewstep.deploy.cluster;

import org.jspecify.annotations.NullMarked;
