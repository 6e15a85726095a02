"""Lets exceptions be pickled without making a start wait for it.

The SDK prepares every class of exceptions there is, at every start. Forks have that from their parent;
what was defined since is prepared when nobody waits for it.
"""

from __future__ import annotations

from typing import Any, Callable, Optional


class Travellers:
    def __init__(self) -> None:
        self._install: Optional[Callable[..., Any]] = None
        self._owed = False

    def prepare(self) -> None:
        """Prepares what there is now; from then on, those who ask for all of it get it later."""
        try:
            from tblib import pickling_support
        except ImportError:
            return  # nobody will ask
        if self._install is None:
            self._install = pickling_support.install
            pickling_support.install = self._asked  # type: ignore[assignment]
        self._install()

    def settle(self) -> None:
        """Does what was put off."""
        if self._owed and self._install is not None:
            self._owed = False
            self._install()

    def _asked(self, *given: Any, **options: Any) -> Any:
        if self._install is not None and (given or options):
            return self._install(*given, **options)
        self._owed = True
        return None
