"""What no request to the API can make: a name that isn't UTF-8. It is pushed with git."""

from __future__ import annotations

import base64
import os
import subprocess
import tempfile
from pathlib import Path

from tests.live.api import Api
from tests.live.repositories import Made
from tests.world import GIT

BRANCH = "bytes"


def push_name(api: Api, repository: Made, name: bytes) -> None:
    """Make a branch with one file of this name."""
    api.log.is_whole = False
    text = name.decode("utf-8", "surrogateescape")
    if api.place.is_real:
        with tempfile.TemporaryDirectory() as folder:
            _push(api, repository, Path(folder), name)
    api.place.on_hub(lambda hub: hub.find(repository.full_name).commit({text: b"1\n"}, branch=BRANCH))


def _push(api: Api, repository: Made, folder: Path, name: bytes) -> None:
    """The token goes by the environment, where no list of processes shows it."""
    host = api.place.api.replace("https://api.github.com", "https://github.com").removesuffix("/api/v3")
    basic = base64.b64encode(f"x-access-token:{api.token}".encode()).decode()
    api.log.secrets.append(basic)
    settings = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{host}/.extraheader",
        "GIT_CONFIG_VALUE_0": f"AUTHORIZATION: basic {basic}",
        "GIT_TERMINAL_PROMPT": "0",
    }
    environment = {**os.environ, **GIT, **settings}

    def git(*arguments: str, data: bytes | None = None) -> str:
        command = ["git", *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    git("init", "-q", "--bare")
    blob = git("hash-object", "-w", "--stdin", data=b"1\n")
    tree = git("mktree", data=f"100644 blob {blob}\t".encode() + name + b"\n")
    git(
        "push", "-q", f"{host}/{repository.full_name}.git", f"{git('commit-tree', '-m', 'm', tree)}:refs/heads/{BRANCH}"
    )
