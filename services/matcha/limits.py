"""How many needs may be posted without a token, since nobody proves whom they post for.

A recruiter with the token of the company is not counted, nor shut out by what others posted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from services.common.share import Limit, Share

CALLER, ENTREPRISE = "caller", "entreprise"

_DAY, _WEEK = timedelta(days=1), timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the service, from its settings."""

    caller_per_day: int
    caller_per_entreprise: int
    """Needs of one client for one company in a week. What others post for it takes nothing of these."""

    def shares(self, siret: str, caller: str) -> tuple[Share, ...]:
        """What an anonymous need takes.

        All callers that nobody named count as one for a company, but not for all companies together: that
        would shut everybody out when the gateway names none.
        """
        of_entreprise = Share(ENTREPRISE, f"{caller}\n{siret}", (Limit(self.caller_per_entreprise, _WEEK),))
        if not caller:
            return (of_entreprise,)
        return (Share(CALLER, caller, (Limit(self.caller_per_day, _DAY),)), of_entreprise)
