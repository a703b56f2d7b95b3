"""Run a script or module as on a system without what only POSIX has: `python tests/masked.py entrypoint.py`.

This is as near to Windows as another system gets: the names are gone, and what takes `dir_fd` refuses it.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys

NAMES = {
    os: (
        "O_NOFOLLOW", "O_DIRECTORY", "O_NONBLOCK", "O_PATH", "O_CLOEXEC", "O_SYNC", "pread", "pwrite", "fchmod", "fchown",
        "chown", "lchown", "fchdir", "geteuid", "getuid", "getegid", "getgid", "uname", "sync", "fork", "mkfifo",
        "sysconf", "getpgid", "setsid", "killpg", "openpty", "statvfs", "fwalk", "sched_getaffinity",
    ),
    signal: ("SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGQUIT", "SIGKILL", "SIGPIPE", "setitimer", "alarm", "pause"),
}  # fmt: skip
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog")
CALLS = (
    "open",
    "stat",
    "lstat",
    "mkdir",
    "readlink",
    "unlink",
    "rename",
    "replace",
    "symlink",
    "link",
    "rmdir",
    "chmod",
)


def mask() -> None:
    """Take away what Windows lacks."""
    for module, names in NAMES.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    sys.modules |= dict.fromkeys(MODULES)  # an import of None fails
    os.supports_dir_fd = os.supports_fd = set()
    for name in CALLS:
        setattr(os, name, _without_handles(getattr(os, name)))


def _without_handles(true):
    def call(*given, **named):
        if any(named.pop(one, None) is not None for one in ("dir_fd", "src_dir_fd", "dst_dir_fd")):
            raise NotImplementedError("dir_fd unavailable on this platform")
        return true(*given, **named)

    return call


if __name__ == "__main__":
    mask()
    del sys.argv[0]
    if sys.argv[0].endswith(".py"):
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
