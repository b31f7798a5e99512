package org.fewstep.protocol;

/**
 * Images that an evaluator drew to be looked at.
 *
 * @param images one behind the other, each of channels x height x width values in [-1, 1]; meant
 *     for one reader, who releases them
 */
public record SampleGrid(int channels, int height, int width, TensorTicket images) {}
