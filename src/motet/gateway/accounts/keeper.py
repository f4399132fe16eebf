"""A thread that looks after things in the background, again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from motet.core.errors import StoreError

LONGEST_PAUSE = 5.0
_logger = logging.getLogger("motet.gateway")


class Keeper:
    """Calls `turn` every so many seconds, or as soon as it is woken, until it is stopped.

    While the store fails it tries ever more rarely, and says so once.
    """

    def __init__(self, turn: Callable[[], None], every: float) -> None:
        self._turn = turn
        self._every = every
        self._changed = threading.Event()
        self._stopped = False
        self._said = False
        self._thread = threading.Thread(target=self._work, name="motet-accounts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for that."""
        self._stopped = True
        self._changed.set()
        self._thread.join()

    def _work(self) -> None:
        pause = self._every
        while not self._stopped:
            self._changed.wait(pause)
            self._changed.clear()
            try:
                self._turn()
            except StoreError as error:
                pause = min(LONGEST_PAUSE, 2 * pause)
                if not self._said:
                    _logger.warning("the ledger cannot be written now: %s", error)
                self._said = True
            except Exception:  # a bug of ours must not keep rows from the store for good
                pause = LONGEST_PAUSE
                _logger.exception("looking after the accounts failed")
            else:
                pause, self._said = self._every, False
