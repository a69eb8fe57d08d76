"""The data a server answers from: a store that is never changed, and the link that says which one is current.

Every generation is a folder of its own. A build is one; a write makes the next: the files that RocksDB
never changes are hard-linked, the others copied, the write is applied to that copy and validated, and a
symbolic link is swapped. So a query always sees one committed state, a reader's process can be ended at any
time, an answer can be cached for as long as its generation is current, and a server that is killed in the
middle of a write has lost nothing but that write.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Store

from diplograph.errors import InvalidValue, NotFound, Place
from diplograph.server.merging import is_merged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

MERGED = "merged"
KEPT = 2
"""Generations that stay after they were replaced, for whoever still reads them."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of the data: the folder of its store, and a short name that no other state has."""

    store: Path
    digest: str


def locate(build: Path) -> Generation:
    """Finds the store of a build folder, of its `graph` link, or of a store's own folder.

    Raises:
        NotFound: There is no store.
    """
    for folder in (build / "graph" / "store", build / "store", build):
        if (folder / "CURRENT").is_file():
            real = folder.resolve()
            return Generation(
                real, f"{real.parent.name[:16]}-{_stamp(real)}" if real.name == "store" else _stamp(real)
            )
    raise NotFound(
        "there is no built store here", place=Place(file=build), hint="run `diplograph build` first"
    )


def _stamp(store: Path) -> str:
    stamp = (store / "CURRENT").stat()
    return f"{stamp.st_mtime_ns:x}-{stamp.st_ino:x}"


class Generations:
    """Which generation is current, and which are still read.

    Args:
        build: Where the built data is.
        writable: The folder for generations that writes make; None for a server that only reads.
    """

    def __init__(self, build: Path, writable: Path | None = None) -> None:
        self.build, self.writable = build, writable
        self._readers: Counter[Path] = Counter()
        if writable is not None:
            _prepare(writable, build)
        self.current = self._find()

    @property
    def merged(self) -> bool | None:
        """Whether the default graph of a writable store is a merge; None: a reader can tell."""
        return (self.writable / MERGED).exists() if self.writable is not None else None

    def _find(self) -> Generation:
        if self.writable is None:
            return locate(self.build)
        real = (self.writable / "current").resolve()
        return Generation(real, real.name)

    def refresh(self) -> bool:
        """Follows a new build; tells whether there is one. A writable server has its own generations."""
        if self.writable is not None:
            return False
        try:
            found = self._find()
        except NotFound:
            return False
        if found == self.current:
            return False
        log.info("serving another build: %s", found.digest)
        self.current = found
        return True

    @contextlib.contextmanager
    def reading(self) -> Iterator[Generation]:
        """Gives the current generation, and keeps it while it is read."""
        generation = self.current
        self._readers[generation.store] += 1
        try:
            yield generation
        finally:
            self._readers[generation.store] -= 1
            if not self._readers[generation.store]:
                del self._readers[generation.store]

    def next(self) -> Path:
        """Returns the folder in which the next generation is to be made; nothing is there yet."""
        assert self.writable is not None
        folder = self.writable / "generations" / f"{int(self.current.digest) + 1:08d}"
        shutil.rmtree(folder, ignore_errors=True)  # what a killed write left
        return folder

    def commit(self, folder: Path) -> None:
        """Makes a finished folder the current generation, atomically; drops what nobody reads any more."""
        assert self.writable is not None
        _swap(self.writable, folder)
        self.current = self._find()
        everything = sorted((self.writable / "generations").iterdir())
        for old in everything[: -KEPT - 1]:
            if not self._readers[old.resolve()]:
                shutil.rmtree(old, ignore_errors=True)


def branch(current: Path, folder: Path) -> None:
    """Makes a copy of a store that is not being written: links what never changes, copies the rest."""
    folder.mkdir(parents=True)
    for file in current.iterdir():
        if file.name in ("LOCK", "LOG") or file.name.startswith("LOG.old"):
            continue
        if file.suffix == ".sst":
            os.link(file, folder / file.name)
        else:
            shutil.copy2(file, folder / file.name)


def _swap(root: Path, folder: Path) -> None:
    link = root / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.relative_to(root))
    link.replace(root / "current")


def _prepare(writable: Path, build: Path) -> None:
    if (writable / "current" / "CURRENT").is_file():
        return
    if writable.exists() and any(writable.iterdir()):
        raise InvalidValue(
            "this folder holds something else than a writable store of this server",
            place=Place(file=writable),
            hint="name a folder that does not exist: it is filled from the build",
        )
    first = writable / "generations" / f"{1:08d}"
    try:
        source = locate(build).store
    except NotFound:
        first.mkdir(parents=True)
        Store(str(first)).flush()
    else:
        shutil.copytree(source, first, ignore=shutil.ignore_patterns("LOCK"))
        if is_merged(Store.read_only(str(first))):
            (writable / MERGED).touch()
    _swap(writable, first)
