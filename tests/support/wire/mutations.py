"""Mutations of the bytes of messages. Protobuf reads a result as the same or another message, or refuses it.

The encoding: https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]

VARINT, I64, LEN, I32 = 0, 1, 2, 5


def varint(value: int, *, overlong: int = 0) -> bytes:
    """The encoding of a number, with `overlong` redundant bytes at its end."""
    groups = []
    while True:
        groups.append(value & 0x7F)
        value >>= 7
        if not value:
            break
    groups += [0] * overlong
    return bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])


def tag(number: int, wire: int) -> bytes:
    return varint(number << 3 | wire)


def delimited(number: int, content: bytes) -> bytes:
    return tag(number, LEN) + varint(len(content)) + content


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at this offset, and the offset of its end. Raises IndexError past the end of the data."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def split_fields(data: bytes) -> list[bytes]:
    """The bytes of each field of a message. If a field can't be parsed, the last item is the rest."""
    fields: list[bytes] = []
    at = 0
    try:
        while at < len(data):
            start = at
            key, at = read_varint(data, at)
            if key & 7 == LEN:
                length, at = read_varint(data, at)
                at += length
            elif key & 7 == VARINT:
                _, at = read_varint(data, at)
            elif key & 7 in (I64, I32):
                at += 8 if key & 7 == I64 else 4
            else:
                return [*fields, data[start:]]
            fields.append(data[start:at])
    except IndexError:
        return [*fields, data[start:]]
    return fields


def flip(rng: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 3])):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncate(rng: Random, data: bytes) -> bytes:
    return data[: rng.randint(0, len(data))]


def insert(rng: Random, data: bytes) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + rng.randbytes(rng.choice([1, 2, 9])) + data[at:]


def remove(rng: Random, data: bytes) -> bytes:
    at = rng.randint(0, len(data))
    return data[:at] + data[at + rng.choice([1, 2, 9]) :]


def splice(rng: Random, data: bytes) -> bytes:
    other = flip(rng, data)
    return data[: rng.randint(0, len(data))] + other[rng.randint(0, len(data)) :]


def nudge(rng: Random, data: bytes) -> bytes:
    """Change one byte by one; that byte is often a length."""
    changed = bytearray(data)
    if changed:
        at = rng.randrange(len(changed))
        changed[at] = (changed[at] + rng.choice([-1, 1])) % 256
    return bytes(changed)


def duplicate(rng: Random, data: bytes) -> bytes:
    fields = split_fields(data)
    if fields:
        fields.insert(rng.randint(0, len(fields)), rng.choice(fields))
    return b"".join(fields)


def shuffle(rng: Random, data: bytes) -> bytes:
    fields = split_fields(data)
    rng.shuffle(fields)
    return b"".join(fields)


def add_unknown(rng: Random, data: bytes) -> bytes:
    """Insert a field of any number and any wire type; all are well formed except some groups."""
    number = rng.choice([0, 1, 2, 5, 15, 16, 66, 500, 18_000, 2**29 - 1])
    content = {
        VARINT: varint(rng.choice([0, 1, 300, 2**32, 2**64 - 1])),
        I64: rng.randbytes(8),
        LEN: varint(3) + rng.randbytes(3),
        3: tag(number, 4),
        4: b"",
        I32: rng.randbytes(4),
    }
    wire = rng.choice([VARINT, VARINT, I64, LEN, LEN, LEN, I32, rng.choice(list(content))])
    fields = split_fields(data)
    fields.insert(rng.randint(0, len(fields)), tag(number, wire) + content[wire])
    return b"".join(fields)


def lengthen_varint(rng: Random, data: bytes) -> bytes:
    """Encode a tag, a length or a value with redundant bytes."""
    fields = split_fields(data)
    if not fields:
        return data
    at = rng.randrange(len(fields))
    try:
        key, end = read_varint(fields[at], 0)
        value, rest = read_varint(fields[at], end)
    except IndexError:
        return data
    overlong = rng.choice([1, 1, 2, 4, 9, 10])
    if key & 7 in (VARINT, LEN) and rng.random() < 0.7:
        fields[at] = fields[at][:end] + varint(value, overlong=overlong) + fields[at][rest:]
    else:
        fields[at] = varint(key, overlong=overlong) + fields[at][end:]
    return b"".join(fields)


def mutate_content(rng: Random, data: bytes) -> bytes:
    """Mutate the content of a length-delimited field, and correct its length."""
    fields = split_fields(data)
    places = [index for index, field in enumerate(fields) if field and field[0] & 7 == LEN]
    if not places:
        return flip(rng, data)
    at = rng.choice(places)
    try:
        _, end = read_varint(fields[at], 0)
        _, start = read_varint(fields[at], end)
    except IndexError:
        return data
    content = mutate(rng, fields[at][start:])
    fields[at] = fields[at][:end] + varint(len(content)) + content
    return b"".join(fields)


HARMLESS: list[Mutation] = [duplicate, shuffle, add_unknown]
ALL: list[Mutation] = [
    *(flip, truncate, insert, remove, splice, nudge, lengthen_varint),
    *(mutate_content, mutate_content, mutate_content, *HARMLESS),
]


def mutate(rng: Random, data: bytes) -> bytes:
    """Apply one or two random mutations."""
    for _ in range(rng.choice([1, 1, 2])):
        data = rng.choice(ALL)(rng, data)
    return data
