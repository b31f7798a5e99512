package org.fewstep.actors.coordinator;

/**
 * What two nodes must agree on to train together.
 *
 * @param modelHash of the network's tensors and of everything that shapes the objective
 * @param dataFingerprint of the data set
 */
public record RunIdentity(String modelHash, String dataFingerprint) {}
