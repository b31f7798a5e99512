package org.fewstep.model.objective;

import org.fewstep.model.data.ImageShape;
import org.fewstep.model.data.Unit;
import org.fewstep.model.network.DropoutKey;
import org.fewstep.model.network.Network;
import org.fewstep.model.network.NetworkInput;
import org.fewstep.model.network.ParameterTable;
import org.fewstep.model.network.graph.GraphBackedNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Moves a network's parameters for one forward of each evaluation, and back after it. */
final class MovedNetwork implements Network {
  private final GraphBackedNetwork network;
  private double[] move = new double[0];
  private double step;
  private int moved;
  private int calls;

  MovedNetwork(GraphBackedNetwork network) {
    this.network = network;
  }

  /**
   * An objective's loss.
   *
   * @param forward which forward of the evaluation sees the moved parameters, from 1
   */
  double lossAt(double[] direction, double distance, Objective objective, Unit unit, int forward) {
    move = direction;
    step = distance;
    moved = forward;
    calls = 0;
    double loss = objective.evaluate(unit, new float[direction.length]).loss();
    step = 0;
    return loss;
  }

  /** Forwards of the last evaluation. */
  int calls() {
    return calls;
  }

  @Override
  public double[] forward(NetworkInput input, DropoutKey dropout) {
    calls++;
    if (step == 0 || calls != moved) {
      return network.forward(input, dropout);
    }
    INDArray parameters = network.graph().parameters();
    INDArray before = parameters.dup();
    parameters.addi(Nd4j.createFromArray(move).muli(step).reshape(before.shape()));
    double[] output = network.forward(input, dropout);
    parameters.assign(before);
    return output;
  }

  @Override
  public ImageShape shape() {
    return network.shape();
  }

  @Override
  public int classes() {
    return network.classes();
  }

  @Override
  public int augmentDim() {
    return network.augmentDim();
  }

  @Override
  public boolean hasSecondTime() {
    return network.hasSecondTime();
  }

  @Override
  public boolean dropsOut() {
    return network.dropsOut();
  }

  @Override
  public ParameterTable parameters() {
    return network.parameters();
  }

  @Override
  public void load(float[] flat) {
    network.load(flat);
  }

  @Override
  public void backward(double[] outputGradient, float[] gradient) {
    if (step == 0) {
      network.backward(outputGradient, gradient);
    }
  }

  @Override
  public void close() {
    network.close();
  }
}
