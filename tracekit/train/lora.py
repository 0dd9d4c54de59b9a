"""Low-rank updates of a transformer by peft (arXiv 2106.09685): what is trained is a fraction of all weights."""

import torch
from diffusers import WanTransformer3DModel
from diffusers.loaders import WanLoraLoaderMixin
from peft import LoraConfig, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from torch import nn

from tracekit.core.errors import TracekitError
from tracekit.train.config import LoraSection

_ADAPTER = "default"


def add_lora(transformer: WanTransformer3DModel, section: LoraSection, seed: int) -> None:
    """Freeze a transformer and put low-rank updates beside its projections, which change nothing at first.

    Layers with inputs whose weights are 0 were widened (`tracekit.train.backbones.widen`) and not trained since: they
    are trained in full.

    Args:
        transformer: changed in place.
        section: rank, scale and names of the projections.
        seed: of the new weights.

    Raises:
        TracekitError: no module has these names.
    """
    config = LoraConfig(r=section.rank, lora_alpha=section.alpha, target_modules=list(section.targets))
    widened = [module for module in transformer.modules() if _takes_what_it_ignores(module)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            transformer.add_adapter(config, _ADAPTER)
        except ValueError as error:
            raise TracekitError(
                f"no module of the transformer is named {' or '.join(section.targets)}",
                place="model.lora.targets",
                remedy="Wan's projections are to_q, to_k, to_v, to_out.0, ffn.net.0.proj and ffn.net.2",
            ) from error
    for module in widened:
        module.requires_grad_(True)


def lower_frozen(transformer: nn.Module) -> None:
    """Keep frozen weights in bfloat16 where autocast makes that of them anyway: half the memory, the same numbers.

    Norms and what is no layer's weight are computed with in float32, and stay so.
    """
    for module in transformer.modules():
        frozen = not any(weight.requires_grad for weight in module.parameters())
        if frozen and isinstance(module, nn.Linear | nn.Conv3d):
            module.to(torch.bfloat16)


def save_lora(folder: str, transformer: WanTransformer3DModel) -> None:
    """Write the updates alone, so that ``load_lora_weights`` of diffusers' pipeline takes them.

    Args:
        folder: gets ``pytorch_lora_weights.safetensors``, with rank and scale in its metadata.
        transformer: with updates.
    """
    WanLoraLoaderMixin.save_lora_weights(
        folder,
        transformer_lora_layers=get_peft_model_state_dict(transformer, adapter_name=_ADAPTER),
        transformer_lora_adapter_metadata=transformer.peft_config[_ADAPTER].to_dict(),
    )


def merged(transformer: WanTransformer3DModel) -> WanTransformer3DModel:
    """A copy of a transformer with its updates added to its weights; the transformer stays as it is.

    The copy has no hooks: an injection is not in it.
    """
    weights = {
        name.replace(".base_layer.", "."): tensor
        for name, tensor in transformer.state_dict().items()
        if ".lora_" not in name
    }
    with torch.no_grad():
        for name, module in transformer.named_modules():
            if isinstance(module, LoraLayer):
                weights[f"{name}.weight"] = weights[f"{name}.weight"] + module.get_delta_weight(_ADAPTER)
    copy = WanTransformer3DModel.from_config(transformer.config)
    copy.load_state_dict(weights)
    return copy


def _takes_what_it_ignores(module: nn.Module) -> bool:
    if not isinstance(module, nn.Linear | nn.Conv3d):
        return False
    used = module.weight.transpose(0, 1).flatten(1).any(dim=1)
    return not bool(used.all())
