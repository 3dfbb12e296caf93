"""Write a column of numbers as bytes and read it again, whole, faster than any row. Pure."""

from __future__ import annotations

import json
import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

# Kind of the numbers, how many, and how many bytes of texts follow; then the texts and the numbers.
HEADER: Final = struct.Struct("<cII")
FLAGS: Final = b"?"  # one bit each
WIDTHS: Final = ((b"B", 1 << 8), (b"H", 1 << 16), (b"I", 1 << 32), (b"Q", 1 << 64))
TO_DIGITS: Final = bytes.maketrans(b"\0\1", b"01")
FROM_DIGITS: Final = bytes.maketrans(b"01", b"\0\1")


@dataclass(frozen=True, slots=True)
class Column:
    """A number for each row; with texts it is a place among them."""

    numbers: Sequence[int]
    texts: tuple[str, ...] = ()
    is_flags: bool = False


def column_of_texts(values: Iterable[str]) -> Column:
    """Each text once, in the order in which they come."""
    places: dict[str, int] = {}
    numbers = [places.setdefault(value, len(places)) for value in values]
    return Column(numbers, tuple(places))


def encode(column: Column) -> bytes:
    most = max(column.numbers, default=0)
    texts = json.dumps(column.texts).encode() if column.texts else b""
    if most < 2 and not texts:
        return HEADER.pack(FLAGS, len(column.numbers), 0) + _bits(bytes(column.numbers))
    kind = next(kind for kind, bound in WIDTHS if most < bound)
    numbers = array(kind.decode(), column.numbers)
    return HEADER.pack(kind, len(numbers), len(texts)) + texts + _little(numbers).tobytes()


def decode(data: bytes) -> Column:
    kind, rows, length = HEADER.unpack_from(data)
    start = HEADER.size + length
    texts = tuple(json.loads(data[HEADER.size : start])) if length else ()
    if kind == FLAGS:
        return Column(_flags(data[start:], rows), is_flags=True)
    if kind == b"B":
        return Column(data[start:], texts)
    numbers = array(kind.decode())
    numbers.frombytes(data[start:])
    return Column(_little(numbers), texts)


def _bits(flags: bytes) -> bytes:
    return int(flags.translate(TO_DIGITS) or b"0", 2).to_bytes((len(flags) + 7) // 8, "big")


def _flags(bits: bytes, rows: int) -> bytes:
    return f"{int.from_bytes(bits, 'big'):0{rows}b}".encode().translate(FROM_DIGITS) if rows else b""


def _little(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
