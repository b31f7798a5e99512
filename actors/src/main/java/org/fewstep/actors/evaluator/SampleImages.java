package org.fewstep.actors.evaluator;

import org.fewstep.model.data.ImageShape;

/**
 * Samples to be looked at.
 *
 * @param shape of one image
 * @param pixels of all images, one behind the other, in [-1, 1]; must not be changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SampleImages(ImageShape shape, float[] pixels) {}
