package org.fewstep.model.network.unet;

import org.fewstep.model.network.op.Buffer;

/**
 * Memory for gradients that nobody needs any more when a block's backward call returns. All blocks
 * of a network take it, one after the other: it would be a third of a step's memory if each had its
 * own.
 */
final class BlockGradients {
  /** The gradient of the residual sum, which lives as long as the call. */
  final Buffer scaled = Buffer.ofOneUser();

  /**
   * Of the layers along a branch, which take turns: what one reads, the next but one overwrites.
   */
  final Buffer odd = Buffer.ofOneUser();

  final Buffer even = Buffer.ofOneUser();

  /** At first that of attention, at last that of the concatenated input. */
  final Buffer ends = Buffer.ofOneUser();
}
