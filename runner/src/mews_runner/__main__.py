"""Starts the runner: python -B .../mews_runner/__main__.py"""

import sys

# Children made by multiprocessing's "spawn" read this file again under another name.
if __name__ == "__main__":
    from time import time

    BEGAN = time()

    import os
    from os.path import abspath, dirname

    # This folder is first on the path, where its modules would hide the user's.
    SOURCE = dirname(dirname(abspath(__file__)))
    sys.path[0] = SOURCE
    from mews_runner import runner

    WARM = sys.argv[1:] == ["parent"]
    if WARM:
        from mews_runner import parent
    from mews_runner.output import LABELS as isolate_log_context  # noqa: F401  fal's SDK looks for it here

    sys.path.remove(SOURCE)
    # Threads that the user's code left behind must not hold up the end.
    os._exit(parent.main(BEGAN) if WARM else runner.main(BEGAN))
