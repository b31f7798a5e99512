package org.fewstep.protocol.bulk;

/** A tensor could not be brought; the one who holds it may be asked for it again. */
public final class TransferFailedException extends Exception {
  public TransferFailedException(String message) {
    super(message);
  }
}
