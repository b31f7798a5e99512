package org.fewstep.model.verify;

/** Largest relative error per tensor in the max norm, and where it was. */
final class MaxRelativeError {
  private double largest;
  private String worst = "-";

  void add(String tensor, double[] ours, double[] golden) {
    if (ours.length != golden.length) {
      throw new IllegalArgumentException(
          tensor + " has " + golden.length + " elements, ours " + ours.length);
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < ours.length; i++) {
      double d = Math.abs(ours[i] - golden[i]);
      // A NaN must not be passed over by a comparison.
      difference = Double.isNaN(d) ? Double.NaN : Math.max(difference, d);
      norm = Math.max(norm, Math.abs(golden[i]));
      if (Double.isNaN(difference)) {
        break;
      }
    }
    double error = difference == 0 ? 0 : difference / norm;
    if (Double.isNaN(error) || error > largest) {
      largest = error;
      worst = tensor;
    }
  }

  Check check(String set, String name, double tolerance) {
    return new Check(set, name, largest, tolerance, worst);
  }
}
