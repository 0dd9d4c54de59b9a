"""The alignment is that of the real class of Wan's autoencoder."""

import numpy as np
from components import require

from tracekit.actions.latents import WAN_STRIDE, Alignment


def test_a_frame_of_wans_autoencoder_first_changes_the_latent_that_it_is_aligned_to() -> None:
    require("torch", module="torch", remedy="pip install 'tracekit[train]'")
    require("diffusers", module="diffusers", remedy="pip install 'tracekit[train]'")
    import torch
    from diffusers import AutoencoderKLWan

    torch.set_num_threads(1)
    torch.manual_seed(0)
    autoencoder = AutoencoderKLWan(
        base_dim=8, z_dim=4, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True],
        latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    ).eval()  # fmt: skip
    alignment = Alignment(frames=15, stride=WAN_STRIDE)
    video = torch.rand(1, 3, alignment.padded_frames, 16, 16) * 2 - 1
    with torch.no_grad():
        latents = autoencoder.encode(video).latent_dist.mode()
        assert latents.shape[2] == alignment.latents
        for frame in range(alignment.padded_frames):
            other = video.clone()
            other[:, :, frame] += 0.5
            changed = (autoencoder.encode(other).latent_dist.mode() != latents).any(dim=1).any(dim=-1).any(dim=-1)
            assert np.flatnonzero(changed[0].numpy())[0] == alignment.latent_of(frame)
