/** Latents: the small images of several channels that an autoencoder makes of pictures. */
@NullMarked
package org.fewstep.model.latent;

import org.jspecify.annotations.NullMarked;
