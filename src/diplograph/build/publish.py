"""Publishing: a finished build appears at once or not at all, and the one before it stays usable."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diplograph.errors import Place, ResourceLimit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

_GRAPHS = ".graphs"
_LINK = "graph"


@contextmanager
def workshop(build: Path) -> Iterator[Path]:
    """Gives a folder to build in, alone: another build of the same folder waits.

    The folder is removed afterwards, unless `publish` took it. What builds that were killed left behind
    goes first.

    Args:
        build: The folder of builds; created if absent.

    Raises:
        ResourceLimit: The folder cannot be written to, or the disk is full.
    """
    graphs = build / _GRAPHS
    try:
        graphs.mkdir(parents=True, exist_ok=True)
        with (build / ".lock").open("w") as lock:
            _lock(lock.fileno())
            for stale in graphs.glob("*.tmp-*"):
                log.info("removing what an interrupted build left: %s", stale.name)
                _remove(stale)
            folder = graphs / f"new.tmp-{os.getpid()}"
            folder.mkdir()
            try:
                yield folder
            finally:
                _remove(folder)
    except OSError as error:
        hint = "name another folder with DIPLOGRAPH_BUILD, or make room"
        raise ResourceLimit(f"cannot write here: {error}", place=Place(file=build), hint=hint) from error


def publish(folder: Path, digest: str) -> Path:
    """Moves a finished folder to its place and swaps the link `graph` to it.

    Guarantee: at every moment the link leads to a complete build, the old one or the new one; rename(2) is
    atomic. The build before this one is kept, for readers that are still in it; older ones are removed.

    Args:
        folder: The folder from `workshop`.
        digest: What the build is called: the same content, the same name.

    Returns:
        The folder in its place.
    """
    graphs = folder.parent
    link = graphs.parent / _LINK
    previous = link.resolve() if link.is_symlink() else None
    target = graphs / digest
    if target == previous:  # the same again: built anew all the same, but never over the one in use
        target = graphs / f"{digest}-again"
    _remove(target)
    _sync(folder)
    folder.rename(target)
    fresh = graphs / f"link.tmp-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.relative_to(graphs.parent), target_is_directory=True)
    fresh.replace(link)
    for old in graphs.iterdir():
        if old not in (target, previous):
            _remove(old)
    return target


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.warning("another build of this folder is running; waiting for it")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path, ignore_errors=True)


def _sync(folder: Path) -> None:
    """Makes sure that the files are on the disk before the link says so."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
