"""Bytes of messages, changed: in ways that protobuf reads as the same or another message, and in ways
that it refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Mutation = Callable[[Random, bytes], bytes]

VARINT, I64, LEN, I32 = 0, 1, 2, 5


def varint(value: int, *, overlong: int = 0) -> bytes:
    """A number on the wire, with bytes that add nothing to it."""
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
    """A number, and where it ends. Raises IndexError past the end."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def split_fields(data: bytes) -> list[bytes]:
    """The fields of a message, or as many as can be told apart, and what is left."""
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


def flip(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice([1, 1, 3])):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(chance: Random, data: bytes) -> bytes:
    return data[: chance.randint(0, len(data))]


def insert(chance: Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.randbytes(chance.choice([1, 2, 9])) + data[at:]


def remove(chance: Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.choice([1, 2, 9]) :]


def splice(chance: Random, data: bytes) -> bytes:
    other = flip(chance, data)
    return data[: chance.randint(0, len(data))] + other[chance.randint(0, len(data)) :]


def nudge(chance: Random, data: bytes) -> bytes:
    """One byte, by one: the length of something, as often as not."""
    changed = bytearray(data)
    if changed:
        at = chance.randrange(len(changed))
        changed[at] = (changed[at] + chance.choice([-1, 1])) % 256
    return bytes(changed)


def duplicate(chance: Random, data: bytes) -> bytes:
    fields = split_fields(data)
    if fields:
        fields.insert(chance.randint(0, len(fields)), chance.choice(fields))
    return b"".join(fields)


def shuffle(chance: Random, data: bytes) -> bytes:
    fields = split_fields(data)
    chance.shuffle(fields)
    return b"".join(fields)


def add_unknown(chance: Random, data: bytes) -> bytes:
    """A field of any number and any wire type, well formed but for groups."""
    number = chance.choice([0, 1, 2, 5, 15, 16, 66, 500, 18_000, 2**29 - 1])
    content = {
        VARINT: varint(chance.choice([0, 1, 300, 2**32, 2**64 - 1])),
        I64: chance.randbytes(8),
        LEN: varint(3) + chance.randbytes(3),
        3: tag(number, 4),
        4: b"",
        I32: chance.randbytes(4),
    }
    wire = chance.choice([VARINT, VARINT, I64, LEN, LEN, LEN, I32, chance.choice(list(content))])
    fields = split_fields(data)
    fields.insert(chance.randint(0, len(fields)), tag(number, wire) + content[wire])
    return b"".join(fields)


def lengthen_varint(chance: Random, data: bytes) -> bytes:
    """A number written with more bytes than it needs: a tag, a length, a value."""
    fields = split_fields(data)
    if not fields:
        return data
    at = chance.randrange(len(fields))
    try:
        key, end = read_varint(fields[at], 0)
        value, rest = read_varint(fields[at], end)
    except IndexError:
        return data
    overlong = chance.choice([1, 1, 2, 4, 9, 10])
    if key & 7 in (VARINT, LEN) and chance.random() < 0.7:
        fields[at] = fields[at][:end] + varint(value, overlong=overlong) + fields[at][rest:]
    else:
        fields[at] = varint(key, overlong=overlong) + fields[at][end:]
    return b"".join(fields)


def inside(chance: Random, data: bytes) -> bytes:
    """What is within a field of bytes, changed, with the length that it has then."""
    fields = split_fields(data)
    places = [index for index, field in enumerate(fields) if field and field[0] & 7 == LEN]
    if not places:
        return flip(chance, data)
    at = chance.choice(places)
    try:
        _, end = read_varint(fields[at], 0)
        _, start = read_varint(fields[at], end)
    except IndexError:
        return data
    content = mutated(chance, fields[at][start:])
    fields[at] = fields[at][:end] + varint(len(content)) + content
    return b"".join(fields)


HARMLESS: list[Mutation] = [duplicate, shuffle, add_unknown]
ALL: list[Mutation] = [
    *(flip, truncate, insert, remove, splice, nudge, lengthen_varint),
    *(inside, inside, inside, *HARMLESS),
]


def mutated(chance: Random, data: bytes) -> bytes:
    """Changed once or twice."""
    for _ in range(chance.choice([1, 1, 2])):
        data = chance.choice(ALL)(chance, data)
    return data
