package org.fewstep.config;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Names the key that chooses among a sealed group's records, where that is not {@code kind}. */
@Retention(RetentionPolicy.RUNTIME)
@interface ChosenBy {
  String value();
}
