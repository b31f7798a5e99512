@NullMarked
package org.fewstep.model.network.graph;

import org.jspecify.annotations.NullMarked;
