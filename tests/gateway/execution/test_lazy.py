from __future__ import annotations

import pytest

from gateway.execution.lazy import LazyMessages
from gateway.types.paging import Page, page_info
from protos import catalogue_pb2
from services.common.errors import UpstreamUnavailable

NO_MESSAGE = b"\xff"


class Answer:
    """Of three rows, whose middle one nobody may read."""

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


def test_going_through_the_rows_reads_them_all() -> None:
    with pytest.raises(UpstreamUnavailable):
        list(Answer().edges)
