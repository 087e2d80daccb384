"""The attacks. Each one sends small requests for some seconds, from one address, and counts the answers."""

from __future__ import annotations

import asyncio
import base64
import gzip
import random
import string
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bench.support.searches import SEARCH, different_searches

_CLIENTS = 20
_JSON = {"Content-Type": "application/json"}


@dataclass
class Attacker:
    """One address that attacks a gateway until a time."""

    session: aiohttp.ClientSession
    url: str
    ends_at: float
    answers: Counter[str] = field(default_factory=Counter)
    random: random.Random = field(default_factory=lambda: random.Random(10))

    def goes_on(self) -> bool:
        return time.monotonic() < self.ends_at

    async def send(self, body: Any, **more: Any) -> None:
        """POST a body, JSON unless it is bytes, and count the answer by its status and code."""
        what = {"data": body, "headers": _JSON | more} if isinstance(body, bytes) else {"json": body}
        try:
            async with self.session.post(f"{self.url}/graphql", **what) as response:
                answer = await response.json()
                errors = answer.get("errors", ()) if isinstance(answer, dict) else ()
                code = errors[0]["extensions"]["code"] if errors else _outcome(answer)
                self.answers[f"{response.status} {code}"] += 1
        except (aiohttp.ClientError, TimeoutError) as error:
            self.answers[type(error).__name__] += 1

    async def repeat(self, make: Callable[[], Any], **more: Any) -> None:
        """Several connections that send again and again."""

        async def client() -> None:
            while self.goes_on():
                await self.send(make(), **more)

        await asyncio.gather(*(client() for _ in range(_CLIENTS)))

    def word(self, length: int) -> str:
        return "".join(self.random.choices(string.ascii_lowercase, k=length))


def _outcome(answer: Any) -> str:
    """The code of a mutation that was refused, else `ok`."""
    fields = answer.get("data") or {} if isinstance(answer, dict) else {}
    return next((each["code"] for each in fields.values() if isinstance(each, dict) and "code" in each), "ok")


def _query(text: str, **variables: Any) -> dict[str, Any]:
    return {"query": text, "variables": variables}


async def gzip_bomb(attacker: Attacker) -> None:
    bomb = gzip.compress(b" " * 150_000_000)
    await attacker.repeat(lambda: bomb, **{"Content-Encoding": "gzip"})


async def gzip_garbage(attacker: Attacker) -> None:
    await attacker.repeat(lambda: b"\x1f\x8b no gzip", **{"Content-Encoding": "gzip"})


async def all_of_france(attacker: Attacker) -> None:
    """29 searches of everything, with 100 rows and 50 slots each, in one request."""
    one = (
        'A: search(criteria: {romes: ["D1102"], zone: {france: true}}) { formations(first: 100) { edges { '
        "node { id rendezVous { nextCreneaux(first: 50) { id start end } } } } } }"
    )
    query = "{" + " ".join(one.replace("A", f"a{number}", 1) for number in range(29)) + "}"
    await attacker.repeat(lambda: _query(query))


async def dearest_accepted(attacker: Attacker) -> None:
    """The dearest search that is accepted, for a different job each time."""
    query = """query($romes: [String!]!) { search(criteria: {romes: $romes, zone: {france: true}}) {
      formations(first: 100) { edges { node { id rendezVous { nextCreneaux(first: 50) { id } } } } } } }"""
    bodies = [_query(query, romes=each["variables"]["romes"]) for each in different_searches()]
    await attacker.repeat(lambda: attacker.random.choice(bodies))


async def doubling_fragments(attacker: Attacker) -> None:
    fragments = " ".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(60))
    query = f"{{ ...F0 }} {fragments} fragment F60 on Query {{ __typename }}"
    await attacker.repeat(lambda: _query(query))


async def many_errors(attacker: Attacker) -> None:
    """As many unknown fields as the limits allow: each has its error and suggestions."""
    query = "{" + " ".join(f"formatio{number}" for number in range(490)) + "}"
    await attacker.repeat(lambda: _query(query))


async def introspection(attacker: Attacker) -> None:
    chain = "ofType { " * 6 + "name" + " }" * 6
    query = f"{{ __schema {{ types {{ name fields {{ name args {{ type {{ {chain} }} }} }} }} }} }}"
    await attacker.repeat(lambda: _query(query))


async def huge_integers(attacker: Attacker) -> None:
    query = f'{{ metiers(texte: "b", first: {"9" * 5_000}) {{ libelle }} }}'
    await attacker.repeat(lambda: _query(query))


async def unknown_words(attacker: Attacker) -> None:
    query = "query($t: String!) { metiers(texte: $t) { libelle } communes(texte: $t) { nom } }"
    await attacker.repeat(lambda: _query(query, t=attacker.word(95)))


async def odd_texts(attacker: Attacker) -> None:
    query = "query($t: String!) { metiers(texte: $t) { libelle } communes(texte: $t) { nom } }"
    await attacker.repeat(lambda: _query(query, t=" ".join(attacker.word(4) for _ in range(19))))


async def unknown_offers(attacker: Attacker) -> None:
    alphabet = string.ascii_uppercase + string.digits

    def make() -> dict[str, Any]:
        id_ = "".join(attacker.random.choices(alphabet, k=7))
        return _query("query($id: ID!) { node(id: $id) { id } }", id=_global_id("Offre", id_))

    await attacker.repeat(make)


async def malformed_offers(attacker: Attacker) -> None:
    query = "query($id: ID!) { node(id: $id) { id } }"
    await attacker.repeat(lambda: _query(query, id=_global_id("Offre", "search")))


async def odd_searches(attacker: Attacker) -> None:
    """Searches that nobody made before, so that the partner is asked for each."""

    def make() -> dict[str, Any]:
        around = {
            "latitude": attacker.random.uniform(43, 50),
            "longitude": attacker.random.uniform(-1, 6),
            "rayonKm": attacker.random.uniform(5, 190),
        }
        return _query(SEARCH, romes=["D1102"], lieu={"around": around})

    await attacker.repeat(make)


async def ask_and_leave(attacker: Attacker) -> None:
    """What every autocompletion does: ask, leave, ask the same again."""
    bodies = different_searches()[:5]

    async def client() -> None:
        while attacker.goes_on():
            body = attacker.random.choice(bodies)
            asked = asyncio.create_task(attacker.send(body))
            await asyncio.wait({asked}, timeout=attacker.random.uniform(0, 0.03))
            asked.cancel()
            with suppress(asyncio.CancelledError):
                await asked
            await attacker.send(body)

    await asyncio.gather(*(client() for _ in range(_CLIENTS)))


async def half_open(attacker: Attacker) -> None:
    """Connections whose request never comes whole; they are kept as long as the server keeps them."""
    await _hold(attacker, b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ", 200)


async def half_bodies(attacker: Attacker) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n"
    await _hold(attacker, head + b"\r\n{", 200)


async def many_connections(attacker: Attacker) -> None:
    await _hold(attacker, b"", 600)


async def _hold(attacker: Attacker, sent: bytes, count: int) -> None:
    address = urlsplit(attacker.url)
    opened = [await asyncio.open_connection(address.hostname, address.port) for _ in range(count)]
    for _, writer in opened:
        writer.write(sent)
    reads = [asyncio.create_task(reader.read(1)) for reader, _ in opened]
    await asyncio.wait(reads, timeout=attacker.ends_at - time.monotonic())
    answered = sum(read.done() for read in reads)
    attacker.answers.update({"closed or refused": answered, "still open": len(reads) - answered})
    for read, (_, writer) in zip(reads, opened, strict=True):
        read.cancel()
        writer.transport.abort()
    await asyncio.gather(*reads, return_exceptions=True)


async def no_http(attacker: Attacker) -> None:
    address = urlsplit(attacker.url)

    async def client() -> None:
        while attacker.goes_on():
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(b"\x16\x03\x01\x02\x00" * 50)
            status = (await reader.read(32)).split(b" ")[1:2]
            attacker.answers[(status or [b"closed"])[0].decode()] += 1
            writer.close()

    await asyncio.gather(*(client() for _ in range(_CLIENTS)))


async def bookings(attacker: Attacker) -> None:
    """Every free slot of a city, for invented people."""
    found = await _slots(attacker)
    query = """mutation($input: BookRendezVousInput!) { bookRendezVous(input: $input) {
      __typename ... on RendezVousRefuse { code } } }"""

    def make() -> dict[str, Any]:
        formation, creneau = attacker.random.choice(found)
        candidat = {"prenom": "A", "nom": "B", "email": f"{attacker.word(12)}@example.org"}
        return _query(query, input={"formationId": formation, "creneauId": creneau, "candidat": candidat})

    await attacker.repeat(make)


async def _slots(attacker: Attacker) -> list[tuple[str, str]]:
    query = """{ search(criteria: {romes: ["D1102"], zone: {france: true}}) { formations(first: 100) { edges {
      node { id rendezVous { nextCreneaux(first: 20) { id } } } } } } }"""
    async with attacker.session.post(f"{attacker.url}/graphql", json={"query": query}) as response:
        edges = (await response.json())["data"]["search"]["formations"]["edges"]
    return [
        (edge["node"]["id"], creneau["id"])
        for edge in edges
        for creneau in (edge["node"]["rendezVous"] or {"nextCreneaux": []})["nextCreneaux"]
    ] or [(_global_id("Formation", "none"), "none")]


def _global_id(type_name: str, key: str) -> str:
    return base64.b64encode(f"{type_name}:{key}".encode()).decode()


ATTACKS: tuple[Callable[[Attacker], Awaitable[None]], ...] = (
    *(
        gzip_bomb,
        gzip_garbage,
        all_of_france,
        dearest_accepted,
        doubling_fragments,
        many_errors,
        introspection,
    ),
    *(huge_integers, unknown_words, odd_texts, unknown_offers, malformed_offers, odd_searches, ask_and_leave),
    *(half_open, half_bodies, many_connections, no_http, bookings),
)
