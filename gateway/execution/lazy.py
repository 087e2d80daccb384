"""Answers whose long list stays bytes until somebody reads a message of it.

A plan can write such a list without making a single message (see `transcoding.py`). Whoever reads it as
a list of messages has one, parsed at once when it is gone through.
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
    """The items of a repeated field."""

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
    """A message whose `edges` are LazyMessages; its other fields are its own."""

    __slots__ = ("_message", LIST_FIELD)

    def __init__(self, message: Message, edges: LazyMessages[Any]) -> None:
        self._message = message
        self.edges = edges

    def __getattr__(self, name: str) -> Any:
        return getattr(self._message, name)


class Channel(Protocol):
    """What stubs ask of a channel."""

    def unary_unary(self, method: str, **options: Any) -> Any: ...


class LazyChannel:
    """A channel on which answers that have `edges` leave them unparsed."""

    def __init__(self, channel: Any, answers: dict[str, type[Message]]) -> None:
        """`answers` gives the class of each method's answer, by the method's path."""
        self._channel: Channel = channel
        self._answers = answers

    def unary_unary(self, method: str, **options: Any) -> Any:
        read = lazy_reader(self._answers[method])
        if read is not None:
            options["response_deserializer"] = read
        return self._channel.unary_unary(method, **options)


def lazy_reader(answer: type[Message]) -> Callable[[bytes], Message] | None:
    """What makes an answer of its bytes; None for one without `edges`, or without the compiled part.

    As `FromString`, it raises DecodeError for bytes that are no such message; a wrong one among the edges
    is found when it is read, as UpstreamUnavailable.
    """
    compiled, field = wire.load(), answer.DESCRIPTOR.fields_by_name.get(LIST_FIELD)
    if compiled is None or field is None or not field.is_repeated or field.message_type is None:
        return None
    number, item = field.number, GetMessageClass(cast("Any", field.message_type))
    split, unusual = compiled.split, compiled.NotAsPlanned

    def read(data: bytes) -> Message:
        try:
            rest, items = split(data, number)
        except unusual:
            return answer.FromString(data)
        return cast("Message", LazyAnswer(answer.FromString(rest), LazyMessages(item, items)))

    return read
