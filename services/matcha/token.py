"""Prints a token for the recruiter of a SIRET: `python -m services.matcha.token --siret X [--hours 2]`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta

from services.common.settings import load_settings
from services.france.codes import is_siret
from services.matcha.rights import issue_token
from services.matcha.settings import TokenSettings


def _siret(text: str) -> str:
    if not is_siret(text):
        raise argparse.ArgumentTypeError(f"{text} is not a SIRET: 14 digits, with a valid key")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m services.matcha.token", description=__doc__)
    parser.add_argument("--siret", type=_siret, required=True)
    parser.add_argument("--hours", type=float, default=2.0, help="how long it is good for (2)")
    arguments = parser.parse_args()
    secret = load_settings(TokenSettings).token_secret.get_secret_value()
    valid_for = timedelta(hours=arguments.hours)
    sys.stdout.write(issue_token(secret, arguments.siret, datetime.now(UTC), valid_for) + "\n")


if __name__ == "__main__":
    main()
