"""An emulator in words: a TOML document, from a file or made of the options of the command line."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.claims import SUMS, Adapter
from conformance.emulators.calls import Call, Calls
from conformance.emulators.held import Arrays
from conformance.outside.claims import CLAIM_KEYS, Named, read_claim
from conformance.outside.function import KINDS, LIBRARIES, Function, function_call
from conformance.outside.program import program_call
from refmath.errors import RefmathError, quote

HOW_KEYS = ("command", "python", "library", "arrays", "arguments")
"""How an emulator is called; a claim may have its own."""
TOP_KEYS = ("name", "version", *HOW_KEYS, "claim")
MAX_FILE = 1 << 20
"""The greatest file of claims, in bytes."""
SHOWN = 60
"""Of a command that is longer, so many characters are shown."""


@dataclass(frozen=True)
class Source:
    """Where a description stands, for messages: a file, a claim in it, or nowhere where the message says it."""

    place: str

    def error(self, sentence: str) -> RefmathError:
        return RefmathError(f"{self.place}: {sentence}" if self.place else sentence)


def title(name: str) -> str:
    """An emulator's name in a message: a description that is no file goes by what it calls."""
    if "\n" not in name:
        return name
    data = tomllib.loads(name)
    return str(data.get("command") or data.get("python"))


def confirm(name: str) -> None:
    """``RefmathError`` where a description is at fault, as far as that shows without importing anything."""
    described(name, False)


def described(name: str, imports: bool = True) -> Adapter:
    """The adapter of an emulator that is described. ``RefmathError`` where the description is at fault; ``imports``: functions are looked up."""
    source = Source("" if imports or "\n" in name else name)
    data = _parse(_read(name) if "\n" not in name else name, source)
    _check_keys(data, TOP_KEYS, "the file", source)
    claims = data.get("claim")
    if not isinstance(claims, list) or not claims or not all(isinstance(one, dict) for one in claims):
        raise source.error("it has no claim; write [[claim]] and below it operands = ... and result = ....")
    label = _text(data, "name", source) or (title(name) if "\n" in name else Path(name).stem)
    places = [Source(", ".join(part for part in (source.place, f"claim {at}") if part)) if len(claims) > 1 else source for at in range(1, len(claims) + 1)]
    calls = [_call(label, data, claim, here, imports) for claim, here in zip(claims, places, strict=True)]
    if len({call.claim for call in calls}) < len(calls):
        raise source.error("two claims are the same; tell them apart by variant = ....")
    return Calls(label, _text(data, "version", source), calls)


def _read(name: str) -> str:
    path = Path(name)
    try:
        if path.stat().st_size > MAX_FILE:
            raise RefmathError(f"{quote(name)} is larger than {MAX_FILE >> 20} MiB, which no file of claims is.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RefmathError(f"Cannot read {quote(name)}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise RefmathError(f"{quote(name)} is no text in UTF-8; write the claims in TOML.") from error


def _parse(text: str, source: Source) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise source.error(f"it is no TOML: {error}.") from error


def _call(label: str, data: dict[str, Any], claim: dict[str, Any], here: Source, imports: bool) -> Call:
    _check_keys(claim, (*CLAIM_KEYS, *HOW_KEYS), "a claim", here)
    own = {key: claim[key] for key in HOW_KEYS if key in claim}
    if "command" in own or "python" in own:
        data = {key: value for key, value in data.items() if key not in ("command", "python")}
    how = {key: data[key] for key in HOW_KEYS if key in data} | own
    command, python = _text(how, "command", here), _text(how, "python", here)
    if bool(command) == bool(python):
        raise here.error('say what to call: either command = "./program" or python = "module:function".')
    if command:
        for key in ("library", "arrays", "arguments"):
            if key in how:
                raise here.error(f"{key} belongs to python = ...; a program takes lines of codes.")
        shown = " ".join(command.split())
        stated = read_claim(label, Named(claim, shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."), here.error)
        if stated.operation in SUMS:
            raise here.error("a program is given no vectors, but the operands of one case a line; for sums and dot products ask a Python function.")
        return program_call(stated, command, here.error)
    arguments = how.get("arguments", {})
    if not isinstance(arguments, dict):
        raise here.error(f"arguments = {quote(arguments)} is no table; write arguments = {{ name = value }}.")
    words = "".join(f", {key}={value!r}" for key, value in arguments.items())
    read = read_claim(label, Named(claim, f"{python}(x{words})"), here.error)
    return function_call(read, Function(python, _arrays(how, here), arguments), here.error, imports)


def _arrays(how: dict[str, Any], source: Source) -> Arrays:
    library, held = _text(how, "library", source) or "numpy", _text(how, "arrays", source) or "codes"
    if library not in LIBRARIES:
        raise source.error(f"library = {quote(library)} is not known; use one of {', '.join(LIBRARIES)}.")
    if held not in KINDS:
        raise source.error(f"arrays = {quote(held)} is no kind of arrays; use one of {', '.join(KINDS)}.")
    return Arrays(library, held)


def _text(data: dict[str, Any], key: str, source: Source) -> str:
    value = data.get(key, "")
    if not isinstance(value, str):
        raise source.error(f"{key} = {quote(value)} is no text; write it in quotes.")
    return value


def _check_keys(data: dict[str, Any], known: tuple[str, ...], what: str, source: Source) -> None:
    for key in data:
        if key not in known:
            raise source.error(f"{quote(key)} is no key of {what}; use {', '.join(known)}.")


def as_toml(data: dict[str, Any]) -> str:
    """A description made of options, as the document that ``described`` reads; texts, lists of texts, and one claim or several."""
    lines = [f"{key} = {_quoted(value)}" for key, value in data.items() if key != "claim"]
    for claim in data["claim"]:
        lines += ["[[claim]]", *(f"{key} = {_quoted(value)}" for key, value in claim.items())]
    return "\n".join(lines) + "\n"


def _quoted(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x20 or c in '"\\\x7f' else c for c in value)
    return f'"{escaped}"'
