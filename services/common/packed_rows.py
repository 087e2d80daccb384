"""Rows of a table that stay JSON until somebody reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

T = TypeVar("T")


class PackedRows(Sequence[T], Generic[T]):
    """The rows content[bounds[r]:bounds[r + 1]]; there is one more bound than rows.

    Thousands of rows take no time to open or to free, and a few microseconds each to read.
    """

    def __init__(self, content: bytes, bounds: npt.NDArray[np.int64], row: TypeAdapter[T]) -> None:
        self._content = content
        self._bounds = bounds
        self._row = row

    def __len__(self) -> int:
        return len(self._bounds) - 1

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        numbers = range(len(self))[index]
        return self._read(numbers) if isinstance(numbers, int) else [self._read(each) for each in numbers]

    def __iter__(self) -> Iterator[T]:
        return map(self._read, range(len(self)))

    def detached(self) -> PackedRows[T]:
        """The same rows, with a copy of their part of the content."""
        begin, end = self._bounds[0], self._bounds[-1]
        return PackedRows(self._content[begin:end], self._bounds - begin, self._row)

    def _read(self, number: int) -> T:
        return self._row.validate_json(self._content[self._bounds[number] : self._bounds[number + 1]])
