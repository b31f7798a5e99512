package org.fewstep.model.network;

import org.jspecify.annotations.Nullable;

/**
 * What a network is called with, for a batch of N images.
 *
 * @param count N
 * @param state the scaled noisy images c_in * x, [N*C*H*W], row-major
 * @param time first time embedding's argument, [N] (for IMM 1000 t)
 * @param secondTime second one's, [N] (1000 s or 1000 (t - s)); null for a network with one time
 * @param labels one-hot rows [N*classes], an all-zero row is "no class"; null without classes
 * @param augment augmentation labels [N*augmentDim]; null stands for zeros
 */
public record NetworkInput(
    int count,
    double[] state,
    double[] time,
    double @Nullable [] secondTime,
    float @Nullable [] labels,
    float @Nullable [] augment) {}
