"""Makes a fork differ from its siblings where sameness would be wrong."""

from __future__ import annotations

import fcntl
import os
import random
import stat
import sys
from typing import Iterator


def renew() -> None:
    """To be called before the user's code; touches only what is imported already."""
    _reopen()
    random.seed()
    seed = int.from_bytes(os.urandom(4), "little")
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_random.seed(seed)  # type: ignore[attr-defined]
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "manual_seed"):
        # Not through `torch.manual_seed`, which would look for CUDA.
        torch.default_generator.manual_seed(int.from_bytes(os.urandom(7), "little"))
    processes = sys.modules.get("multiprocessing.process")
    if processes is not None:
        processes.current_process().authkey = os.urandom(32)  # type: ignore[attr-defined]
    platform = sys.modules.get("platform")
    if platform is not None:
        # Holds the host name of the parent.
        platform._uname_cache = None  # type: ignore[attr-defined]


def _reopen() -> None:
    """Forks share the position in a file that was open before; each gets one of its own."""
    for fd in list(open_files()):
        position = os.lseek(fd, 0, os.SEEK_CUR)
        own = os.open("/proc/self/fd/%d" % fd, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_CLOEXEC)
        os.lseek(own, position, os.SEEK_SET)
        os.dup2(own, fd, inheritable=os.get_inheritable(fd))
        os.close(own)


def open_files() -> Iterator[int]:
    """Regular files that this process has open, but for stdin, stdout and stderr."""
    for name in os.listdir("/proc/self/fd"):
        try:
            if int(name) > 2 and stat.S_ISREG(os.fstat(int(name)).st_mode):
                yield int(name)
        except OSError:
            continue  # it was for looking at the others
