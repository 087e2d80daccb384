"""A token to publish needs with, for the recruiter of a SIRET, signed with this installation's secret."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from deploy.local.child import REPOSITORY
from deploy.local.plan import base_environment
from deploy.local.secrets import load_secrets
from deploy.local.state import StateUnusable


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.recruiter_token", description=__doc__)
    parser.add_argument("siret")
    parser.add_argument("--state", type=Path, default=Path(".lba"), help="state folder of the run")
    args = parser.parse_args()
    path = args.state / "secrets.json"
    if not path.exists():
        parser.error(f"{path} doesn't exist: nothing ever ran with this state folder (make run)")
    try:
        secrets = load_secrets(path)
    except StateUnusable as error:
        parser.error(str(error))
    env = base_environment(os.environ) | {"MATCHA_TOKEN_SECRET": secrets.matcha_token_secret}
    command = [sys.executable, "-m", "services.matcha.token", "--siret", args.siret]
    sys.exit(subprocess.run(command, env=env, cwd=REPOSITORY, check=False).returncode)


if __name__ == "__main__":
    main()
