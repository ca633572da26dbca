"""Bytes in and out: files by name, ``-`` for the standard streams, gzip and Zstandard by the suffix of the name.

A compressed file that is damaged or cut off gives what can be had of it, then a slip that says so.
"""

import errno
import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, TypeAlias, cast

from conformance.vectors.slips import Kind, Slip
from refmath.errors import RefmathError, quote

PIECE = 1 << 20
"""Bytes that are read at a time."""
SUFFIXES = (".gz", ".zst")
LEVEL = {".gz": 6, ".zst": 3}
FULL = (errno.ENOSPC, errno.EIO, errno.EFBIG, errno.EDQUOT)
"""What writing fails with where a disk is full or broken."""

Pieces: TypeAlias = Iterable[bytes | Slip]
"""The bytes of a file in order, and slips where they end too early."""


def stem(name: str) -> str:
    """A file's name without the suffix of its compression."""
    return next((name.removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)), name)


def compression(name: str) -> str:
    """The suffix of the compression of a file, or nothing."""
    return next((suffix for suffix in SUFFIXES if name.endswith(suffix)), "")


def pieces(name: str) -> Iterator[bytes | Slip]:
    """The bytes of a file, decompressed. ``RefmathError`` where it cannot be opened."""
    with opened(name) as stream:
        raw = iter(lambda: stream.read(PIECE), b"")
        yield from (decompressed(raw, compression(name)) if compression(name) else raw)


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file to read, or the standard input; as it is stored."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with _open(name, "rb", "read") as stream:
        yield stream


def _open(name: str, mode: str, verb: str) -> BinaryIO:
    """Open a file. ``RefmathError`` where that fails."""
    try:
        return cast(BinaryIO, Path(name).open(mode))
    except (OSError, ValueError) as error:
        raise RefmathError(f"Cannot {verb} {quote(name)}: {reason(error)}.") from error


def reason(error: OSError | ValueError) -> str:
    """What an error of the operating system says."""
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else str(error)


def _decoder(suffix: str) -> Any:
    if suffix == ".gz":
        return zlib.decompressobj(wbits=31)
    import zstandard

    return zstandard.ZstdDecompressor().decompressobj()


def decompressed(raw: Iterable[bytes], suffix: str) -> Iterator[bytes | Slip]:
    """The content of a compressed stream of one or more members."""
    decoder, fresh = _decoder(suffix), True
    for data in raw:
        while data:
            if decoder.eof:
                decoder, fresh = _decoder(suffix), True
            try:
                text = decoder.decompress(data)
            except Exception as error:  # zlib.error, zstandard.ZstdError, which share no base
                yield Slip(Kind.CUT_OFF, 0, "", f"the compressed data is damaged ({error})")
                return
            fresh = False
            if text:
                yield text
            data = decoder.unused_data if decoder.eof else b""
    if fresh or not decoder.eof:
        yield Slip(Kind.CUT_OFF, 0, "", "the compressed data is cut off")


@contextmanager
def sink(name: str) -> Iterator[IO[bytes]]:
    """Where bytes are written: a file, compressed by its suffix, or the standard output. ``RefmathError`` where it cannot be opened."""
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with _open(name, "wb", "write") as stream, _compressed(stream, compression(name)) as out:
            yield out
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(f"interrupted; {quote(name)} holds what was written so far, and not its end.") from stop
    except OSError as error:
        if error.errno in FULL and error.filename is None:
            raise RefmathError(f"Cannot write {quote(name)}: {reason(error)}.") from error
        raise


@contextmanager
def _compressed(stream: BinaryIO, suffix: str) -> Iterator[IO[bytes]]:
    """A stream that compresses what is written to it; the same bytes on every machine and day."""
    if not suffix:
        yield stream
    elif suffix == ".gz":
        with gzip.GzipFile("", "wb", LEVEL[suffix], stream, mtime=0) as packed:
            yield cast(IO[bytes], packed)
    else:
        import zstandard

        with zstandard.ZstdCompressor(level=LEVEL[suffix]).stream_writer(stream, closefd=False) as packed:
            yield cast(IO[bytes], packed)
