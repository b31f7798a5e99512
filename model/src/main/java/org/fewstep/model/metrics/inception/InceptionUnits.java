package org.fewstep.model.metrics.inception;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.fewstep.model.network.op.FixedConv2d.Geometry;

/**
 * The 94 convolutions of Inception-v3 (Szegedy et al. 2015, arXiv 1512.00567) in the order of the
 * network, each followed by a batch normalisation and ReLU, under the names that PyTorch's
 * implementations give them.
 */
final class InceptionUnits {
  /** Classes of the 2015 network, eight more than ImageNet's. */
  static final int CLASSES = 1008;

  /** Length of the pooled feature vector. */
  static final int FEATURES = 2048;

  private static final String LAST_OF_TRUNK = "Mixed_6c.branch_pool";

  /** Name to sizes. */
  static final Map<String, Geometry> ALL = Collections.unmodifiableMap(all());

  private InceptionUnits() {}

  private static Map<String, Geometry> all() {
    Builder units = new Builder();
    units.add("Conv2d_1a_3x3", 3, 32, 3, 3, 2);
    units.add("Conv2d_2a_3x3", 32, 32, 3, 3, 1);
    units.same("Conv2d_2b_3x3", 32, 64, 3, 3);
    units.same("Conv2d_3b_1x1", 64, 80, 1, 1);
    units.add("Conv2d_4a_3x3", 80, 192, 3, 3, 1);
    units.blockA("Mixed_5b", 192, 32);
    units.blockA("Mixed_5c", 256, 64);
    units.blockA("Mixed_5d", 288, 64);
    units.add("Mixed_6a.branch3x3", 288, 384, 3, 3, 2);
    units.same("Mixed_6a.branch3x3dbl_1", 288, 64, 1, 1);
    units.same("Mixed_6a.branch3x3dbl_2", 64, 96, 3, 3);
    units.add("Mixed_6a.branch3x3dbl_3", 96, 96, 3, 3, 2);
    units.blockC("Mixed_6b", 128);
    units.blockC("Mixed_6c", 160);
    units.blockC("Mixed_6d", 160);
    units.blockC("Mixed_6e", 192);
    units.same("Mixed_7a.branch3x3_1", 768, 192, 1, 1);
    units.add("Mixed_7a.branch3x3_2", 192, 320, 3, 3, 2);
    units.same("Mixed_7a.branch7x7x3_1", 768, 192, 1, 1);
    units.same("Mixed_7a.branch7x7x3_2", 192, 192, 1, 7);
    units.same("Mixed_7a.branch7x7x3_3", 192, 192, 7, 1);
    units.add("Mixed_7a.branch7x7x3_4", 192, 192, 3, 3, 2);
    units.blockE("Mixed_7b", 1280);
    units.blockE("Mixed_7c", 2048);
    return units.map;
  }

  /** Their names, in the order of the network. */
  static List<String> names() {
    return new ArrayList<>(ALL.keySet());
  }

  /** Those up to Mixed_6c. */
  static List<String> trunkNames() {
    List<String> names = names();
    return names.subList(0, names.indexOf(LAST_OF_TRUNK) + 1);
  }

  /** Sizes of a convolution. */
  static Geometry geometry(String name) {
    Geometry geometry = ALL.get(name);
    if (geometry == null) {
      throw new IllegalArgumentException("there is no convolution " + name);
    }
    return geometry;
  }

  private static final class Builder {
    private final Map<String, Geometry> map = new LinkedHashMap<>();

    /** Without padding. */
    void add(String name, int in, int out, int height, int width, int stride) {
      map.put(name, new Geometry(in, out, height, width, stride, 0, 0));
    }

    /** With as much padding as keeps the size. */
    void same(String name, int in, int out, int height, int width) {
      map.put(name, new Geometry(in, out, height, width, 1, (height - 1) / 2, (width - 1) / 2));
    }

    void blockA(String block, int in, int poolChannels) {
      same(block + ".branch1x1", in, 64, 1, 1);
      same(block + ".branch5x5_1", in, 48, 1, 1);
      same(block + ".branch5x5_2", 48, 64, 5, 5);
      same(block + ".branch3x3dbl_1", in, 64, 1, 1);
      same(block + ".branch3x3dbl_2", 64, 96, 3, 3);
      same(block + ".branch3x3dbl_3", 96, 96, 3, 3);
      same(block + ".branch_pool", in, poolChannels, 1, 1);
    }

    void blockC(String block, int narrow) {
      same(block + ".branch1x1", 768, 192, 1, 1);
      same(block + ".branch7x7_1", 768, narrow, 1, 1);
      same(block + ".branch7x7_2", narrow, narrow, 1, 7);
      same(block + ".branch7x7_3", narrow, 192, 7, 1);
      same(block + ".branch7x7dbl_1", 768, narrow, 1, 1);
      same(block + ".branch7x7dbl_2", narrow, narrow, 7, 1);
      same(block + ".branch7x7dbl_3", narrow, narrow, 1, 7);
      same(block + ".branch7x7dbl_4", narrow, narrow, 7, 1);
      same(block + ".branch7x7dbl_5", narrow, 192, 1, 7);
      same(block + ".branch_pool", 768, 192, 1, 1);
    }

    void blockE(String block, int in) {
      same(block + ".branch1x1", in, 320, 1, 1);
      same(block + ".branch3x3_1", in, 384, 1, 1);
      same(block + ".branch3x3_2a", 384, 384, 1, 3);
      same(block + ".branch3x3_2b", 384, 384, 3, 1);
      same(block + ".branch3x3dbl_1", in, 448, 1, 1);
      same(block + ".branch3x3dbl_2", 448, 384, 3, 3);
      same(block + ".branch3x3dbl_3a", 384, 384, 1, 3);
      same(block + ".branch3x3dbl_3b", 384, 384, 3, 1);
      same(block + ".branch_pool", in, 192, 1, 1);
    }
  }
}
