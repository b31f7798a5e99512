package org.fewstep.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which build this is. */
public final class Version implements IVersionProvider {
  /** As in {@code 0.1.0 (1a2b3c4)}; without the commit where the sources were no clone. */
  public static String text() {
    Properties properties = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
      if (in == null) {
        throw new IllegalStateException("the resource version.properties is missing");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new IllegalStateException("the resource version.properties cannot be read", e);
    }
    String commit = properties.getProperty("commit", "");
    if (commit.isEmpty()) {
      return properties.getProperty("version", "");
    }
    boolean dirty = Boolean.parseBoolean(properties.getProperty("dirty"));
    return "%s (%s%s)"
        .formatted(
            properties.getProperty("version"), commit, dirty ? " with uncommitted changes" : "");
  }

  @Override
  public String[] getVersion() {
    return new String[] {"fewstep " + text()};
  }
}
