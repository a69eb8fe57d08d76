"""Publishing: a finished build appears at once or not at all, and the one before it stays usable."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

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
    """
    graphs = build / _GRAPHS
    graphs.mkdir(parents=True, exist_ok=True)
    with (build / ".lock").open("w") as lock:
        _lock(lock.fileno())
        for stale in graphs.glob("*.tmp-*"):
            log.info("removing what an interrupted build left: %s", stale.name)
            shutil.rmtree(stale, ignore_errors=True)
        folder = graphs / f"new.tmp-{os.getpid()}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


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
    if target.exists():
        shutil.rmtree(target)
    _sync(folder)
    folder.rename(target)
    fresh = graphs / f"link.tmp-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.relative_to(graphs.parent), target_is_directory=True)
    fresh.replace(link)
    for old in graphs.iterdir():
        if old not in (target, previous):
            shutil.rmtree(old, ignore_errors=True)
    return target


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.warning("another build of this folder is running; waiting for it")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _sync(folder: Path) -> None:
    """Makes sure that the files are on the disk before the link says so."""
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
