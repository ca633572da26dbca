"""What a file of cases says of itself: in its header where the syntax has room for one, else in a sidecar ``FILE.json``.

A header is a JSON object; ``spec/vector-files.md`` lists its keys. It holds everything that is needed to compute the results again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from conformance.vectors.dot_subject import DOT, DotSubject, make_dot
from conformance.vectors.functions import function_name
from conformance.vectors.subject import Subject
from formats.family import Format
from formats.floats import Float
from formats.notation import parse, text
from formats.operations import find_operation
from formats.policies import read_policies
from formats.projection import Projection
from formats.wording import code_text, short_text
from refmath import __version__
from refmath.errors import RefmathError, quote
from refmath.operations import parse_dialect

Data = dict[str, Any]
VERSION = 1
"""Of the header itself; greater where a key changes its meaning."""


@dataclass(frozen=True)
class Origin:
    """Where cases come from."""

    plan: str
    """The model: ``testfloat 1``, ``B3``."""
    seed: int
    budget: int | None = None


@dataclass(frozen=True)
class Header:
    """What a file says of itself."""

    subject: Subject
    syntax: str
    origin: Origin | None = None
    extra: tuple[str, ...] = ()
    """Names of further columns."""
    tasks: tuple[str, ...] = ()
    """What each task of the plan is, where the file has a column of tasks."""
    count: int | None = None
    sha256: str | None = None
    """Of the cases written as TestFloat text, whatever the syntax of the file."""
    corrupted: tuple[Data, ...] | None = None
    """The lines that are wrong on purpose; None in a file that means to be right."""

    def ended(self, count: int, sha256: str) -> "Header":
        """The header of a file that has been written."""
        return replace(self, count=count, sha256=sha256)

    def data(self) -> Data:
        """As a JSON object."""
        subject = self.subject
        data: Data = {
            "refmath": __version__,
            "version": VERSION,
            "syntax": self.syntax,
            "operation": subject.operation,
            "clause": subject.clause,
            "function": function_name(subject),
            "operands": [format_data(f) for f in subject.sources],
            "result": format_data(subject.to) if subject.to is not None else {"words": list(subject.words) or ["false", "true"]},
            "projection": projection_data(subject.how),
            "dialect": subject.dialect.value,
            "standards": standards(subject),
            "columns": [{"name": column.name, "bits": column.bits, "digits": column.digits} for column in subject.columns],
            "extra": list(self.extra),
            "generator": None if self.origin is None else {"plan": self.origin.plan, "seed": self.origin.seed, "budget": self.origin.budget},
            "count": self.count,
            "sha256": self.sha256,
        }
        if isinstance(subject, DotSubject):
            data["accumulation"] = accumulation_data(subject)
        if self.tasks:
            data["tasks"] = list(self.tasks)
        if self.corrupted is not None:
            data["corrupted"] = list(self.corrupted)
        return data

    def json(self) -> str:
        """On one line."""
        return json.dumps(self.data(), ensure_ascii=True)


def accumulation_data(subject: DotSubject) -> Data:
    """The model of a dot product: its name, its definition, how many products there are, and how they are scaled."""
    scale = subject.scale
    data = {"model": subject.model, "definition": subject.accumulation.notation(), "length": subject.length}
    return data if scale is None else {**data, "scale": format_data(scale), "block": subject.block}


def projection_data(how: Projection) -> Data:
    """Every policy by name."""
    return {name: value.value if isinstance(value, Enum) else value for name, value in ((name, getattr(how, name)) for name in how.__slots__)}


def format_data(f: Format) -> Data:
    """A format: its name, its notation, its parameters, the fields of its codes, its extremes."""
    zero = f.zero() if f.has_zero else f.limit()
    return {
        "name": f.name,
        "notation": text(f),
        "width": f.width,
        "family": type(f).__name__,
        "parameters": parameters(f),
        "fields": [{"name": name, "bits": len(digits)} for name, digits in f.fields(zero)],
        "greatest": {"code": code_text(f, f.limit()), "value": short_text(f, f.limit())},
        "revision": f.revision or None if isinstance(f, Float) else None,
    }


def parameters(f: Format) -> Data:
    """The fields of the definition of a format, but for its name and its usual projection."""
    assert is_dataclass(f)
    return {field.name: plain(getattr(f, field.name)) for field in fields(f) if field.name not in ("name", "default") and field.init}


def plain(value: Any) -> Any:
    """A parameter as JSON: enumerations by name, exact numbers and whatever else as text."""
    match value:
        case bool() | int() | str() | None:
            return value
        case Enum():
            return value.value
        case tuple() | list():
            return [plain(item) for item in value]
        case Format():
            return text(value)
    return str(value)


def standards(subject: Subject) -> list[Data]:
    """The standards that the results follow, with their revisions."""
    formats = [*subject.sources, *([subject.to] if subject.to is not None else [])]
    found: list[Data] = [{"name": "IEEE Std 754", "revision": "2019"}] if subject.dialect.value == "ieee754" else []
    revisions = sorted({f.revision for f in formats if isinstance(f, Float) and f.revision})
    found += [{"name": "IEEE P3109 interim report", "revision": revision} for revision in revisions]
    if subject.dialect.value == "posit":
        found.append({"name": "Standard for Posit Arithmetic", "revision": "2022"})
    return found


def read_header(line: str) -> Header:
    """The header that a text holds. ``RefmathError`` where it holds none that can be used."""
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RefmathError(f"{quote(line)} is no header of a file of cases: {error}.") from error
    if not isinstance(data, dict) or not {"operation", "operands", "result", "projection", "dialect"} <= set(data):
        raise RefmathError(f"{quote(line)} is no header of a file of cases; it has to name operation, operands, result, projection and dialect.")
    return from_data(data)


def from_data(data: Mapping[str, Any]) -> Header:
    """The header of a JSON object. ``RefmathError`` where a part of it is not what it has to be."""
    if data.get("version", VERSION) > VERSION:
        raise RefmathError(f"The header is of version {data['version']}, and this program reads up to {VERSION}; use a newer one.")
    try:
        subject = subject_in(data)
        generator = data.get("generator")
        origin = None if generator is None else Origin(str(generator["plan"]), int(generator["seed"]), generator.get("budget"))
        extra, tasks = tuple(map(str, data.get("extra", ()))), tuple(map(str, data.get("tasks", ())))
        corrupted = tuple(data["corrupted"]) if data.get("corrupted") is not None else None
        return Header(subject, str(data.get("syntax", "")), origin, extra, tasks, data.get("count"), data.get("sha256"), corrupted)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, RefmathError):
            raise
        lacking = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise RefmathError(f"The header cannot be used: {lacking}.") from error


def subject_in(data: Mapping[str, Any]) -> Subject:
    """What the cases under a header compute; it need not go together, which is an error of any kind."""
    formats = tuple(parse(str(operand["notation"])) for operand in data["operands"])
    notation = data["result"].get("notation")
    to = None if notation is None else parse(str(notation))
    how: dict[str, Any] = read_policies(data["projection"])
    if data["operation"] == DOT:
        if to is None:
            raise RefmathError("The header cannot be used: a dot product has a number as its result.")
        model = data["accumulation"]
        scale = parse(str(model["scale"]["notation"])) if "scale" in model else None
        return make_dot(str(model["model"]), formats, to, int(model["length"]), scale, int(model["block"]) if scale is not None else None, how)
    subject = Subject(find_operation(str(data["operation"])).name, formats, to, Projection(**how), parse_dialect(str(data["dialect"])))
    assert subject.bound  # which refuses what does not go together
    return subject


def sidecar(name: str) -> Path:
    """The sidecar of a file."""
    return Path(f"{name}.json")


def write_sidecar(name: str, header: Header) -> None:
    """Write the sidecar of a file."""
    try:
        sidecar(name).write_text(json.dumps(header.data(), indent=2) + "\n", encoding="ascii")
    except OSError as error:
        raise RefmathError(f"Cannot write {quote(sidecar(name))}: {(error.strerror or str(error)).lower()}.") from error


def read_sidecar(name: str) -> Header | None:
    """What the sidecar of a file says; None where there is none."""
    path = sidecar(name)
    if name == "-" or not path.is_file():
        return None
    try:
        return read_header(path.read_text(encoding="utf-8", errors="replace"))
    except RefmathError as error:
        raise RefmathError(f"{path}: {error}") from error
