from __future__ import annotations

import pytest

from gateway.execution.lazy import LazyMessages
from gateway.types.paging import Page, page_info
from protos import catalogue_pb2
from services.common.errors import UpstreamUnavailable

NO_MESSAGE = b"\xff"


class Answer:
    """An answer of three rows; reading the one in the middle raises."""

    has_next_page = True
    total_count = 3

    def __init__(self) -> None:
        first, last = [
            catalogue_pb2.FormationEdge(cursor=cursor).SerializeToString() for cursor in ("first", "last")
        ]
        self.edges = LazyMessages(catalogue_pb2.FormationEdge, [first, NO_MESSAGE, last])


def test_the_cursors_of_a_page_are_read_without_its_other_rows() -> None:
    info = page_info(Answer(), Page(3, "before"))

    assert (info.start_cursor, info.end_cursor) == ("first", "last")
    assert (info.has_next_page, info.has_previous_page) == (True, True)


def test_iteration_reads_every_row() -> None:
    with pytest.raises(UpstreamUnavailable):
        list(Answer().edges)
