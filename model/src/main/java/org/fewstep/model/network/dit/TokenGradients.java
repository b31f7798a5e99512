package org.fewstep.model.network.dit;

import org.fewstep.model.network.op.Buffer;

/**
 * Memory for the gradients inside of blocks and between them. All blocks of a network take it, one
 * after the other: it would be half of a step's memory if each had its own.
 */
final class TokenGradients {
  /**
   * Of the layers along a branch, which take turns: what one reads, the next but one overwrites.
   */
  final Buffer odd = Buffer.ofOneUser();

  final Buffer even = Buffer.ofOneUser();

  /** Of the sum between attention and perceptron, which lives to the end of a block's call. */
  final Buffer middle = Buffer.ofOneUser();

  private final Buffer[] ends = {Buffer.ofOneUser(), Buffer.ofOneUser()};

  /** What a block returns, while it reads what the block behind it has returned. */
  Buffer end(int block) {
    return ends[block % ends.length];
  }
}
