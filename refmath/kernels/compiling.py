"""Compiling kernels once: the machine code is kept on disk, under a checksum of every source file of this package.

Numba's own cache looks only at the file of the outermost function, so that it would serve stale code after a change in another.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba.core import config


@cache
def cache_folder() -> str:
    """Where machine code is kept: below ``$XDG_CACHE_HOME`` or ``~/.cache``, or in a temporary folder where that is read-only."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for parent in (home, Path(tempfile.gettempdir())):
        folder = parent / "refmath" / f"kernels-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if os.access(folder, os.W_OK):
                return str(folder)
        except OSError:
            continue
    return ""


def kernel(function: Callable[..., Any]) -> Any:
    """``function`` compiled on first use, without the interpreter lock, and kept on disk where any folder can be written."""
    folder, saved = cache_folder(), config.CACHE_DIR
    config.CACHE_DIR = folder
    try:
        return numba.njit(cache=bool(folder), nogil=True, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = saved


inline: Any = numba.njit(forceinline=True, error_model="numpy")
"""A function that becomes part of the kernels that call it."""
