"""Codes as tensors of torch and back, for the libraries that are built on it."""

import numpy as np
import torch

from conformance.claims import Codes
from formats.arrays import dtype as code_dtype
from formats.family import Format

KINDS = {
    "binary64": torch.float64,
    "binary32": torch.float32,
    "binary16": torch.float16,
    "bfloat16": torch.bfloat16,
    "ocp_e4m3": torch.float8_e4m3fn,
    "ocp_e5m2": torch.float8_e5m2,
    "e4m3fnuz": torch.float8_e4m3fnuz,
    "e5m2fnuz": torch.float8_e5m2fnuz,
    "e8m0": torch.float8_e8m0fnu,
}
"""Formats and their dtypes."""
WORDS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def to_tensor(codes: Codes, fmt: Format) -> torch.Tensor:
    """Codes as a tensor of the dtype of their format, strides kept."""
    return torch.from_numpy(codes.view(np.dtype(f"i{codes.dtype.itemsize}"))).view(KINDS[fmt.name])


def to_codes(tensor: torch.Tensor, fmt: Format) -> Codes:
    """The codes of a tensor whose words are those of a format."""
    words = tensor.contiguous().view(WORDS[tensor.element_size()])
    found: Codes = words.numpy().view(np.dtype(f"u{tensor.element_size()}")).astype(code_dtype(fmt), copy=False)
    return found
