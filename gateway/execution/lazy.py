"""Answers whose `edges` stay bytes until a message of them is read.

A plan can write such a list without parsing a message (see `transcoding.py`). For other code it is a sequence
of messages: an index parses one message, an iteration or a slice parses all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from gateway.execution import wire
from services.common.errors import UpstreamUnavailable

M = TypeVar("M", bound=Message)
LIST_FIELD = "edges"


class LazyMessages(Sequence[M], Generic[M]):
    """The messages of a repeated field, parsed on demand.

    Reading an invalid message raises UpstreamUnavailable.
    """

    __slots__ = ("_parsed", "message", "wire")

    def __init__(self, message: type[M], items: list[bytes]) -> None:
        self.message = message
        self.wire = items
        self._parsed: list[M] | None = None

    def __len__(self) -> int:
        return len(self.wire)

    @overload
    def __getitem__(self, index: int) -> M: ...

    @overload
    def __getitem__(self, index: slice) -> list[M]: ...

    def __getitem__(self, index: int | slice) -> M | list[M]:
        if isinstance(index, slice) or self._parsed is not None:
            return self._all()[index]
        return self._parse(self.wire[index])

    def __iter__(self) -> Iterator[M]:
        return iter(self._all())

    def _all(self) -> list[M]:
        if self._parsed is None:
            self._parsed = [self._parse(item) for item in self.wire]
        return self._parsed

    def _parse(self, item: bytes) -> M:
        try:
            return self.message.FromString(item)
        except DecodeError as error:
            raise UpstreamUnavailable(
                f"bytes that are no {self.message.DESCRIPTOR.full_name} came in an answer"
            ) from error


class LazyAnswer:
    """A message with LazyMessages as `edges`; the other fields are read from the message."""

    __slots__ = ("_message", LIST_FIELD)

    def __init__(self, message: Message, edges: LazyMessages[Any]) -> None:
        self._message = message
        self.edges = edges

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


class Channel(Protocol):
    """The part of a gRPC channel that unary stubs use."""

    def unary_unary(self, method: str, **options: Any) -> Any: ...


class LazyChannel:
    """A channel that leaves the `edges` of answers unparsed."""

    def __init__(self, channel: Any, answers: dict[str, type[Message]]) -> None:
        """`answers` has the answer class of each method, by path (`/lba.jobs.v1.Jobs/SearchOffres`)."""
        self._channel: Channel = channel
        self._answers = answers

    def unary_unary(self, method: str, **options: Any) -> Any:
        read = lazy_reader(self._answers[method])
        if read is not None:
            options["response_deserializer"] = read
        return self._channel.unary_unary(method, **options)


def lazy_reader(answer: type[Message]) -> Callable[[bytes], Message] | None:
    """A function that parses an answer and leaves its `edges` unparsed.

    It raises DecodeError for invalid bytes, as `FromString` does. An invalid edge raises UpstreamUnavailable
    when it is read. None if the message has no `edges`, or if the C extension is not built.
    """
    compiled, field = wire.load(), answer.DESCRIPTOR.fields_by_name.get(LIST_FIELD)
    if compiled is None or field is None or not field.is_repeated or field.message_type is None:
        return None
    number, item = field.number, GetMessageClass(cast("Any", field.message_type))
    split, not_as_planned = compiled.split, compiled.NotAsPlanned

    def read(data: bytes) -> Message:
        try:
            rest, items = split(data, number)
        except not_as_planned:
            return answer.FromString(data)
        return cast("Message", LazyAnswer(answer.FromString(rest), LazyMessages(item, items)))

    return read
