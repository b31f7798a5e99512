package org.fewstep.model.network.op;

import java.nio.FloatBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The arithmetic of {@link FusedGroupNormSilu} on {@link ChannelBlocks}.
 *
 * <p>A unit of work is, of one image, as few whole blocks of 16 channels as hold whole groups: it
 * mostly stays in the second-level cache, and is gone through in pieces that stay in the first.
 * HotSpot vectorises a loop whose arrays all have the same index, and no other; so a piece is
 * copied to the front of an array, per-channel numbers are repeated along another ({@link #along}),
 * and sums over pixels run in as many columns as a piece is long.
 */
final class BlockedNorm {
  private static final int WIDTH = ChannelBlocks.WIDTH;

  /** Numbers that are computed at once: 64 pixels of a block. */
  private static final int PIECE = 64 * WIDTH;

  /** Sizes of [N, C/16, H, W, 16]. */
  record Sizes(int images, int groups, int groupChannels, int pixels) {}

  /**
   * Numbers of each image's channels, [N*C].
   *
   * @param gamma factors, with the condition in them
   * @param beta addends, with the condition in them
   * @param shift what is added to x; null for nothing
   */
  @SuppressWarnings("ArrayRecordComponent") // live, never compared
  record Channels(float[] gamma, float[] beta, float @Nullable [] shift) {}

  /** Of each (image, group). */
  @SuppressWarnings("ArrayRecordComponent") // live, never compared
  record Statistics(float[] means, float[] inverseDeviations) {}

  /** Of each image's channels. */
  @SuppressWarnings("ArrayRecordComponent") // live, never compared
  record Gradients(float[] gamma, float[] beta, float[] shift) {}

  private final Sizes sizes;
  private final GroupNormSilu.Form form;
  private final Channels channels;
  private final Statistics statistics;
  private final int unitChannels;
  private final int blockLength;

  BlockedNorm(Sizes sizes, GroupNormSilu.Form form, Channels channels, Statistics statistics) {
    this.sizes = sizes;
    this.form = form;
    this.channels = channels;
    this.statistics = statistics;
    int wide = WIDTH;
    while (wide % sizes.groupChannels != 0) {
      wide += WIDTH;
    }
    this.unitChannels = wide;
    this.blockLength = sizes.pixels * WIDTH;
  }

  /** Independent pieces of work. */
  int units() {
    return sizes.images * sizes.groups * sizes.groupChannels / unitChannels;
  }

  void forward(int unit, FloatBuffer from, FloatBuffer to) {
    int firstChannel = unit * unitChannels;
    measure(from, firstChannel);
    Pieces pieces = Pieces.ofThread();
    float[] values = pieces.x;
    for (int block = firstChannel; block < firstChannel + unitChannels; block += WIDTH) {
      float[] a = along(pieces.a, block, c -> channels.gamma[c] * inverse(c));
      float[] b =
          along(
              pieces.b, block, c -> channels.beta[c] - centre(c) * channels.gamma[c] * inverse(c));
      for (int done = 0; done < blockLength; done += PIECE) {
        int length = Math.min(PIECE, blockLength - done);
        int at = block * sizes.pixels + done;
        from.get(at, values, 0, length);
        affine(values, a, b, length, values);
        if (form.silu()) {
          silu(values, length);
        }
        to.put(at, values, 0, length);
      }
    }
  }

  /** Means and deviations of the unit's groups, in two passes. */
  private void measure(FloatBuffer from, int firstChannel) {
    float count = sizes.groupChannels * sizes.pixels;
    float[] sums = new float[unitChannels];
    Pieces pieces = Pieces.ofThread();
    for (int block = 0; block < unitChannels; block += WIDTH) {
      float[] columns = Pieces.cleared(pieces.sum1);
      for (int done = 0; done < blockLength; done += PIECE) {
        int length = Math.min(PIECE, blockLength - done);
        from.get((firstChannel + block) * sizes.pixels + done, pieces.x, 0, length);
        add(pieces.x, length, columns);
      }
      fold(columns, sums, block);
    }
    for (int c = 0; c < unitChannels; c++) {
      sums[c] += sizes.pixels * shift(firstChannel + c);
    }
    for (int c = 0; c < unitChannels; c += sizes.groupChannels) {
      statistics.means[group(firstChannel + c)] = groupSum(sums, c) / count;
    }
    for (int block = 0; block < unitChannels; block += WIDTH) {
      float[] columns = Pieces.cleared(pieces.sum1);
      float[] centres = along(pieces.a, firstChannel + block, this::centre);
      for (int done = 0; done < blockLength; done += PIECE) {
        int length = Math.min(PIECE, blockLength - done);
        from.get((firstChannel + block) * sizes.pixels + done, pieces.x, 0, length);
        addCentredSquares(pieces.x, centres, length, columns);
      }
      fold(columns, sums, block);
    }
    for (int c = 0; c < unitChannels; c += sizes.groupChannels) {
      float variance = groupSum(sums, c) / count;
      statistics.inverseDeviations[group(firstChannel + c)] =
          (float) (1 / Math.sqrt(variance + form.epsilon()));
    }
  }

  void backward(int unit, FloatBuffer xs, FloatBuffer dys, FloatBuffer dxs, Gradients gradients) {
    int firstChannel = unit * unitChannels;
    Sums sums = throughSilu(firstChannel, xs, dys, dxs);
    System.arraycopy(sums.dz, 0, gradients.beta, firstChannel, unitChannels);
    System.arraycopy(sums.along, 0, gradients.gamma, firstChannel, unitChannels);
    float[] scales = new float[unitChannels];
    float[] slopes = new float[unitChannels];
    float[] offsets = new float[unitChannels];
    float count = sizes.groupChannels * sizes.pixels;
    for (int first = 0; first < unitChannels; first += sizes.groupChannels) {
      double scaled = 0;
      double along = 0;
      for (int c = first; c < first + sizes.groupChannels; c++) {
        scaled += channels.gamma[firstChannel + c] * sums.dz[c];
        along += channels.gamma[firstChannel + c] * sums.along[c];
      }
      float inverse = inverse(firstChannel + first);
      for (int c = first; c < first + sizes.groupChannels; c++) {
        // dx = (gamma dz - mean(gamma dz) - xHat mean(gamma dz xHat)) / deviation
        float slope = -inverse * (float) (along / count);
        float offset = -inverse * (float) (scaled / count);
        scales[c] = inverse * channels.gamma[firstChannel + c];
        slopes[c] = slope * inverse;
        offsets[c] = offset - slope * inverse * centre(firstChannel + c);
        if (channels.shift != null) {
          gradients.shift[firstChannel + c] =
              scales[c] * sums.dz[c] + slope * sums.xHat[c] + offset * sizes.pixels;
        }
      }
    }
    Pieces pieces = Pieces.ofThread();
    for (int block = 0; block < unitChannels; block += WIDTH) {
      float[] a = repeated(pieces.a, scales, block);
      float[] s = repeated(pieces.b, slopes, block);
      float[] b = repeated(pieces.z, offsets, block);
      for (int done = 0; done < blockLength; done += PIECE) {
        int length = Math.min(PIECE, blockLength - done);
        int at = (firstChannel + block) * sizes.pixels + done;
        xs.get(at, pieces.x, 0, length);
        dxs.get(at, pieces.dy, 0, length);
        combine(pieces.dy, a, pieces.x, s, b, length);
        dxs.put(at, pieces.dy, 0, length);
      }
    }
  }

  /**
   * Sums over pixels for each of a unit's channels.
   *
   * @param along of dz xHat
   */
  @SuppressWarnings("ArrayRecordComponent") // live, never compared
  private record Sums(float[] dz, float[] along, float[] xHat) {}

  /** Leaves dz in dxs, with z = gamma * xHat + beta and y = silu(z). */
  private Sums throughSilu(int firstChannel, FloatBuffer xs, FloatBuffer dys, FloatBuffer dxs) {
    Sums sums = new Sums(new float[unitChannels], new float[unitChannels], new float[unitChannels]);
    Pieces pieces = Pieces.ofThread();
    for (int block = 0; block < unitChannels; block += WIDTH) {
      int first = firstChannel + block;
      float[] a = along(pieces.a, first, this::inverse);
      float[] b = along(pieces.b, first, c -> -centre(c) * inverse(c));
      float[] gamma = along(pieces.gamma, first, c -> channels.gamma[c]);
      float[] beta = along(pieces.beta, first, c -> channels.beta[c]);
      float[] dzColumns = Pieces.cleared(pieces.sum1);
      float[] alongColumns = Pieces.cleared(pieces.sum2);
      float[] xHatColumns = Pieces.cleared(pieces.sum3);
      for (int done = 0; done < blockLength; done += PIECE) {
        int length = Math.min(PIECE, blockLength - done);
        int at = first * sizes.pixels + done;
        xs.get(at, pieces.x, 0, length);
        dys.get(at, pieces.dy, 0, length);
        affine(pieces.x, a, b, length, pieces.x);
        if (form.silu()) {
          affine(pieces.x, gamma, beta, length, pieces.z);
          siluGradient(pieces.z, pieces.dy, length);
        }
        add(pieces.dy, length, dzColumns);
        addProducts(pieces.dy, pieces.x, length, alongColumns);
        add(pieces.x, length, xHatColumns);
        dxs.put(at, pieces.dy, 0, length);
      }
      fold(dzColumns, sums.dz, block);
      fold(alongColumns, sums.along, block);
      fold(xHatColumns, sums.xHat, block);
    }
    return sums;
  }

  private int group(int channel) {
    return channel / sizes.groupChannels;
  }

  private float inverse(int channel) {
    return statistics.inverseDeviations[group(channel)];
  }

  /** What x is centred by: the group's mean, less what is added to the channel before. */
  private float centre(int channel) {
    return statistics.means[group(channel)] - shift(channel);
  }

  /** What is added to a channel before it is normalised; x itself stays as it is. */
  private float shift(int channel) {
    return channels.shift == null ? 0 : channels.shift[channel];
  }

  private float groupSum(float[] perChannel, int first) {
    double sum = 0;
    for (int c = first; c < first + sizes.groupChannels; c++) {
      sum += perChannel[c];
    }
    return (float) sum;
  }

  private interface PerChannel {
    float of(int channel);
  }

  /** 16 channels' numbers, again and again. */
  private float[] along(float[] columns, int first, PerChannel number) {
    for (int c = 0; c < WIDTH; c++) {
      columns[c] = number.of(first + c);
    }
    return repeated(columns);
  }

  private float[] repeated(float[] columns, float[] perChannel, int first) {
    System.arraycopy(perChannel, first, columns, 0, WIDTH);
    return repeated(columns);
  }

  private float[] repeated(float[] columns) {
    int length = Math.min(PIECE, blockLength);
    for (int filled = WIDTH; filled < length; filled *= 2) {
      System.arraycopy(columns, 0, columns, filled, Math.min(filled, length - filled));
    }
    return columns;
  }

  /** Adds columns of one channel up. */
  private static void fold(float[] columns, float[] sums, int first) {
    for (int c = 0; c < WIDTH; c++) {
      double sum = 0;
      for (int i = c; i < PIECE; i += WIDTH) {
        sum += columns[i];
      }
      sums[first + c] = (float) sum;
    }
  }

  private static void add(float[] v, int length, float[] columns) {
    for (int i = 0; i < length; i++) {
      columns[i] += v[i];
    }
  }

  private static void addCentredSquares(float[] v, float[] centres, int length, float[] columns) {
    for (int i = 0; i < length; i++) {
      float centred = v[i] - centres[i];
      columns[i] += centred * centred;
    }
  }

  private static void addProducts(float[] v, float[] w, int length, float[] columns) {
    for (int i = 0; i < length; i++) {
      columns[i] += v[i] * w[i];
    }
  }

  private static void affine(float[] v, float[] a, float[] b, int length, float[] result) {
    for (int i = 0; i < length; i++) {
      result[i] = a[i] * v[i] + b[i];
    }
  }

  /** {@code v = a v + s w + b}. */
  private static void combine(float[] v, float[] a, float[] w, float[] s, float[] b, int length) {
    for (int i = 0; i < length; i++) {
      v[i] = a[i] * v[i] + s[i] * w[i] + b[i];
    }
  }

  private static void silu(float[] z, int length) {
    for (int i = 0; i < length; i++) {
      z[i] *= FloatMath.sigmoid(z[i]);
    }
  }

  /** Turns dy into dz. */
  private static void siluGradient(float[] z, float[] dy, int length) {
    for (int i = 0; i < length; i++) {
      float gate = FloatMath.sigmoid(z[i]);
      dy[i] *= gate + z[i] * gate * (1 - gate);
    }
  }

  /** A thread's arrays, kept between calls. */
  private static final class Pieces {
    private static final ThreadLocal<Pieces> OF_THREAD = ThreadLocal.withInitial(Pieces::new);

    final float[] x = new float[PIECE];
    final float[] dy = new float[PIECE];
    final float[] z = new float[PIECE];
    final float[] a = new float[PIECE];
    final float[] b = new float[PIECE];
    final float[] gamma = new float[PIECE];
    final float[] beta = new float[PIECE];
    final float[] sum1 = new float[PIECE];
    final float[] sum2 = new float[PIECE];
    final float[] sum3 = new float[PIECE];

    static Pieces ofThread() {
      return OF_THREAD.get();
    }

    static float[] cleared(float[] columns) {
      Arrays.fill(columns, 0);
      return columns;
    }
  }
}
