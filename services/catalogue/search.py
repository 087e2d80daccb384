"""Searches trainings, and falls back to any of the typed words when no training has all of them."""

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
    """The page found, with the criteria that it meets.

    When no training of the whole catalogue has all words of the text, one word is enough. When only the
    place or the filters exclude all trainings, the answer stays empty.
    """
    found = await store.search(criteria, page)
    texte = criteria.texte
    if found.total or texte is None or not texte.match_all or len(texte.groups) < 2:
        return criteria, found
    if (await store.search(FormationCriteria(texte=texte), PageWanted(first=0))).total:
        return criteria, found
    any_word = replace(criteria, texte=replace(texte, match_all=False))
    return any_word, await store.search(any_word, page)
