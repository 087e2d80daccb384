from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.common.packed_rows import PackedRows
from services.common.packing import pack, unpack


@dataclass
class Inner:
    numbers: npt.NDArray[np.int16]


@dataclass
class Outer:
    texts: list[str]
    flags: npt.NDArray[np.bool_]
    inner: Inner
    size: int


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))),
    flags=st.lists(st.booleans()),
    numbers=st.lists(st.integers(-(2**15), 2**15 - 1)),
)
def test_columns_come_back_as_they_were(texts: list[str], flags: list[bool], numbers: list[int]) -> None:
    inner = Inner(np.array(numbers, dtype=np.int16))
    written = pack(Outer(texts, np.array(flags, dtype=np.bool_), inner, len(texts)))

    read = Outer(**unpack(orjson.loads(orjson.dumps(written))))

    assert (read.texts, read.size) == (texts, len(texts))
    assert (read.flags.tolist(), read.flags.dtype.str) == (flags, "|b1")
    found = Inner(**unpack(written)["inner"]).numbers
    assert (found.tolist(), found.dtype.str) == (numbers, "<i2")


ROWS = PackedRows(b'HEAD[1]["a"][]TAIL', np.array([4, 7, 12, 14]), TypeAdapter(list[int | str]))


@pytest.mark.parametrize("rows", [ROWS, ROWS.detached()])
def test_rows_are_read_one_by_one(rows: PackedRows[list[int | str]]) -> None:
    assert len(rows) == 3
    assert list(rows) == [[1], ["a"], []]
    assert (rows[0], rows[-1], rows[1:]) == ([1], [], [["a"], []])
    with pytest.raises(IndexError):
        rows[3]
