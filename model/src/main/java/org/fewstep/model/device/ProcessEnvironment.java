package org.fewstep.model.device;

import com.sun.jna.Library;
import com.sun.jna.Native;

/** This process's own environment, as native libraries read it when they are loaded. */
public final class ProcessEnvironment {
  private ProcessEnvironment() {}

  /** Sets a variable, for libraries that are loaded later; Java's own view does not change. */
  public static void set(String name, String value) {
    C.LIBRARY.setenv(name, value, 1);
  }

  /** The C library. */
  private interface C extends Library {
    C LIBRARY = (C) Native.loadLibrary("c", C.class);

    int setenv(String name, String value, int overwrite);
  }
}
