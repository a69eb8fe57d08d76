"""Answers that can be given again: the data of a generation never changes, so neither do they."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from starlette.responses import Response

LARGEST_SHARE = 16
_OVERHEAD = 600


class Cache:
    """The responses used last, within an amount of memory.

    Args:
        room: Octets for the bodies and their keys; 0 keeps nothing.
    """

    def __init__(self, room: int) -> None:
        self.room, self.used = room, 0
        self.hits = 0
        self._kept: OrderedDict[Hashable, tuple[Response, int]] = OrderedDict()

    def get(self, key: Hashable) -> Response | None:
        """Returns what is kept under a key."""
        found = self._kept.get(key)
        if found is None:
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return found[0]

    def put(self, key: Hashable, response: Response, extra: int = 0) -> None:
        """Keeps a response, if it takes no large share of the room; drops those not used longest.

        Args:
            key: What to find it by.
            response: What to keep.
            extra: The size of the key.
        """
        size = len(response.body) + extra + _OVERHEAD
        if size * LARGEST_SHARE > self.room:
            return
        old = self._kept.pop(key, None)
        self.used += size - (old[1] if old else 0)
        self._kept[key] = (response, size)
        while self.used > self.room:
            _, (_, dropped) = self._kept.popitem(last=False)
            self.used -= dropped

    def clear(self) -> None:
        """Forgets everything: another generation is current."""
        self._kept.clear()
        self.used = 0
