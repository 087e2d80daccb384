from collections.abc import Sequence
from typing import Final, final

from gateway.execution.wire.spec import Spec

SOURCE_DIGEST: Final[str]

class NotAsPlanned(Exception): ...

@final
class Program:
    def __new__(cls, spec: Spec) -> Program: ...
    def list(self, items: Sequence[bytes], /) -> bytes: ...

def split(data: bytes, number: int, /) -> tuple[bytes, list[bytes]]: ...
