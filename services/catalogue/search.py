"""A search of trainings with the leave that a text gives: words that never meet are looked for apart."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from services.catalogue.criteria import FormationCriteria, FormationPage, PageWanted


class Searchable(Protocol):
    """The part of a store of trainings that finds them."""

    async def search(self, criteria: FormationCriteria, page: PageWanted) -> FormationPage: ...


async def search_formations(
    store: Searchable, criteria: FormationCriteria, page: PageWanted
) -> tuple[FormationCriteria, FormationPage]:
    """What was found, and the criteria that it meets.

    Where no training in the whole catalogue holds all the words, any of them will do. A place or a
    filter that leaves none does not count: then finding nothing is the answer.
    """
    found = await store.search(criteria, page)
    texte = criteria.texte
    if found.total or texte is None or not texte.match_all or len(texte.groups) < 2:
        return criteria, found
    if (await store.search(FormationCriteria(texte=texte), PageWanted(first=0))).total:
        return criteria, found
    apart = replace(criteria, texte=replace(texte, match_all=False))
    return apart, await store.search(apart, page)
