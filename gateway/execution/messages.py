"""Python expressions for the fields of messages, which check only what the contract does not guarantee.

`HasField` costs as much as reading the field, so it is called only if the value is the default of its type:
any other value is present.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable

from gateway.execution import binding
from gateway.execution.accessor import Accessor
from gateway.execution.contract import ContractField, Kind
from gateway.execution.gaps import Gaps
from gateway.execution.leaves import FINITE
from gateway.execution.selection import Details
from gateway.execution.source import Source

Members = Callable[[ContractField, Details, str, Gaps | None], str]


class MessageFields:
    """Writes expressions for the completed values of fields of messages."""

    def __init__(self, source: Source, members: Members) -> None:
        """`members` returns the expression for the object of a field, held by a variable."""
        self._source = source
        self._members = members
        self._has_field: dict[object, str] = {}

    def value(
        self, parent: Accessor, field: ContractField, details: Details, base: str, gaps: Gaps | None
    ) -> str | None:
        """An expression for a field of the message in the variable `base`; None if its name is a keyword.

        A field of a nested object that can't be compiled is added to `gaps`. Raises NotCompilable for one
        of the objects in a list.
        """
        if keyword.iskeyword(field.name):
            return None
        read = f"{base}.{field.name}"
        if field.kind is Kind.GLOBAL_ID:
            return f"{self._source.constant(binding.global_id_of)}({parent.prefix!r}, {read})"
        if field.repeated:
            return self._list(field, details, read)
        if field.kind is Kind.ENUM:
            return f"{self._source.constant(field.enum_names)}.get({read})"
        has = self._presence(parent, field, base)
        if field.kind is Kind.OBJECT:
            return self._object(field, details, base, has, gaps)
        return self._scalar(field, base, has)

    def _presence(self, parent: Accessor, field: ContractField, base: str) -> str:
        # A call through the class takes half the time of a call of the bound method.
        method = getattr(parent.message, "HasField", None)
        if method not in self._has_field:
            self._has_field[method] = self._source.constant(method)
        return f"{self._has_field[method]}({base}, {field.name!r})"

    def _scalar(self, field: ContractField, base: str, has: str) -> str:
        read, name = f"{base}.{field.name}", self._source.temporary()
        finite = field.kind is Kind.FLOAT
        if not field.may_be_absent:
            test = FINITE.format(t=f"({name} := {read})")
            return f"({name} if {test} else fail())" if finite else read
        value = f"({name} if {FINITE.format(t=name)} else fail())" if finite else name
        return f"({value} if ({name} := {read}) or {has} else {_absent(field)})"

    def _list(self, field: ContractField, details: Details, read: str) -> str:
        name = self._source.temporary()
        match field.kind:
            case Kind.ENUM:
                names = self._source.constant(field.enum_names)
                return f"[{names}[{name}] for {name} in {read} if {name} in {names}]"
            case Kind.FLOAT:
                return f"[{name} if {FINITE.format(t=name)} else fail() for {name} in {read}]"
            case Kind.OBJECT:
                return f"{self._source.loop([], self._members(field, details, 'v', None))}({read})"
            case _:
                return f"list({read})"

    def _object(self, field: ContractField, details: Details, base: str, has: str, gaps: Gaps | None) -> str:
        name = self._source.temporary()
        members = self._members(field, details, name, gaps)
        # A message is always true, so this is true exactly when the field is present.
        present = f"{has} and ({name} := {base}.{field.name})"
        return f"({members} if {present} else {_absent(field)})"


def _absent(field: ContractField) -> str:
    return "None" if field.nullable else "fail()"
