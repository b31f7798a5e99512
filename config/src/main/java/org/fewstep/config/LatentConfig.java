package org.fewstep.config;

/**
 * How latents become pictures.
 *
 * @param decoder ONNX file, or {@value #NONE}
 */
public record LatentConfig(String decoder) {
  /** No decoder. */
  public static final String NONE = "none";

  public LatentConfig {
    Check.notBlank("decoder", decoder);
  }
}
