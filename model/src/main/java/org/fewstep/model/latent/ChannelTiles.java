package org.fewstep.model.latent;

import org.fewstep.model.data.ImageShape;

/** Shows the channels of a latent beside each other, as one grey picture of a square of tiles. */
public final class ChannelTiles implements LatentView {
  private final ImageShape latents;
  private final int across;
  private final ImageShape pictures;

  public ChannelTiles(ImageShape latents) {
    this.latents = latents;
    this.across = (int) Math.ceil(Math.sqrt(latents.channels()));
    int down = (latents.channels() + across - 1) / across;
    this.pictures = new ImageShape(1, down * latents.height(), across * latents.width());
  }

  @Override
  public ImageShape pictures() {
    return pictures;
  }

  @Override
  public boolean decodes() {
    return false;
  }

  @Override
  public double[] pictures(double[] values, int count) {
    double[] tiles = new double[count * pictures.size()];
    int height = latents.height();
    int width = latents.width();
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < latents.channels(); c++) {
        int from = i * latents.size() + c * height * width;
        int to = i * pictures.size() + c / across * height * pictures.width() + c % across * width;
        for (int y = 0; y < height; y++) {
          System.arraycopy(values, from + y * width, tiles, to + y * pictures.width(), width);
        }
      }
    }
    return tiles;
  }

  @Override
  public void close() {
    // Holds nothing.
  }
}
