"""Makes a fork differ from its siblings where sameness would be wrong."""

from __future__ import annotations

import os
import random
import sys


def renew() -> None:
    """To be called before the user's code; touches only what is imported already."""
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
