/** A perceptron for data of few dimensions. */
@NullMarked
package org.fewstep.model.network.mlp;

import org.jspecify.annotations.NullMarked;
