"""Files of a user's checkout that carry the names of modules which the action or Python itself imports."""

from __future__ import annotations

WORD = "decoy-was-imported"
PATHS = (
    "yaml.py",
    "github.py",
    "msgspec.py",
    "broadcast/__init__.py",
    "broadcast/action.py",
    "actions_toolkit/__init__.py",
    "sitecustomize.py",
    "usercustomize.py",
    "startup.py",
    "json.py",
)
FILES = dict.fromkeys(PATHS, f'print("{WORD}", flush=True)\nraise SystemExit("{WORD}")\n')


def variables(workspace: str) -> dict[str, str]:
    """An environment that leads Python to the decoys, unless it is asked to look at none of this."""
    return {
        "PYTHONPATH": workspace,
        "PYTHONSTARTUP": f"{workspace}/startup.py",
        "PYTHONUSERBASE": f"{workspace}/base",
        "PYTHONSAFEPATH": "",
    }
