from __future__ import annotations

import asyncio

import pytest

from services.common.errors import UpstreamUnavailable
from services.jobs.access import Access, Token


class Bank:
    """Gives numbered tokens with the planned lifetimes; the last lifetime repeats."""

    def __init__(self, *lives_s: float) -> None:
        self.given = 0
        self._lives_s = lives_s

    async def give(self) -> Token:
        await asyncio.sleep(0)
        life_s = self._lives_s[min(self.given, len(self._lives_s) - 1)]
        self.given += 1
        return Token(f"token {self.given}", life_s)


async def test_token_is_reused_until_it_nears_its_end() -> None:
    bank = Bank(0, 1499)
    access = Access(bank.give)

    assert [await access.token() for _ in range(4)] == ["token 1", "token 2", "token 2", "token 2"]


async def test_many_who_need_a_token_ask_for_one() -> None:
    bank = Bank(1499)
    access = Access(bank.give)

    assert set(await asyncio.gather(*(access.token() for _ in range(20)))) == {"token 1"}
    assert bank.given == 1


async def test_refused_token_is_replaced_once_whoever_says_it() -> None:
    bank = Bank(1499)
    access = Access(bank.give)
    old = await access.token()
    access.discard(old)
    new = await access.token()
    access.discard(old)

    assert await access.token() == new == "token 2"


async def test_failure_is_told_and_tried_again() -> None:
    attempts = 0

    async def fail_once() -> Token:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise UpstreamUnavailable("down")
        return Token("token", 1499)

    access = Access(fail_once)
    with pytest.raises(UpstreamUnavailable):
        await access.token()

    assert await access.token() == "token"


async def test_who_leaves_does_not_take_the_token_away() -> None:
    bank = Bank(1499)
    access = Access(bank.give)
    leaving, staying = (asyncio.create_task(access.token()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()

    assert await staying == "token 1"
