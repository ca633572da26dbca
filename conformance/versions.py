"""Versions of everything that a verdict may depend on, as plain text by name."""

import hashlib
import platform
import shlex
import shutil
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import refmath
from conformance.emulators import KNOWN, is_description

LIBRARIES = ("numpy", "numba", "gmpy2", "mpmath")
"""What the reference computes with."""
DIGITS = 16
"""Of a checksum, as many hexadecimal digits as tell files apart."""


@cache
def of_the_tool() -> dict[str, str]:
    """The tool, what it computes with, and the platform."""
    system = f"{platform.system()} {platform.machine()}"
    libc = " ".join(platform.libc_ver())
    return {
        "refmath": refmath.__version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: version(name) for name in LIBRARIES},
        "platform": f"{system}, {libc}" if libc.strip() else system,
    }


@cache
def of_an_emulator(name: str) -> str:
    """The version of a known emulator's package; of what has no version the SHA-256 of its files: a module, a file of claims, a program."""
    if name in KNOWN:
        package = KNOWN[name][1]
        try:
            return f"{package} {version(package)}"
        except PackageNotFoundError:
            return package
    if not is_description(name):
        return _module(name.partition(":")[0])
    written = name if "\n" in name else Path(name).read_text(encoding="utf-8")
    claims = f"claims sha256 {hashlib.sha256(written.encode()).hexdigest()[:DIGITS]}"
    data = tomllib.loads(written)
    called = [one for one in (data, *data["claim"]) if "command" in one or "python" in one]
    parts = [_program(one["command"]) if "command" in one else _module(one["python"].partition(":")[0]) for one in called]
    return ", ".join(dict.fromkeys([claims, *parts]))


def _module(name: str) -> str:
    found = find_spec(name)
    return _file(name, found.origin if found else None)


def _program(command: str) -> str:
    words = shlex.split(command)
    return ", ".join([_file(words[0], shutil.which(words[0])), *(_file(word, word) for word in words[1:] if Path(word).is_file())])


def _file(name: str, path: str | None) -> str:
    """A name, with the checksum of its file where there is one."""
    if path is None or not Path(path).is_file():
        return name
    return f"{name} sha256 {hashlib.sha256(Path(path).read_bytes()).hexdigest()[:DIGITS]}"


def processor() -> str:
    """The processor by its name, as far as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
