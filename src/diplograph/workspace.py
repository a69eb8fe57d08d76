"""Where ontology, data, queries and builds are: in a checkout, or in the resources of an installed wheel."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from diplograph.errors import NotFound, Place

RESOURCES = Path(__file__).parent / "resources"
"""The copy of ontology, data and queries that a wheel carries; absent in a checkout."""

_MARKERS = ("ontology", "data", "queries")


@dataclass(frozen=True, slots=True)
class Workspace:
    """One tree of sources and the folder where its builds go.

    Args:
        root: The folder that holds `ontology/`, `data/` and `queries/`.
        build: The folder for builds; created by the first build.
    """

    root: Path
    build: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Workspace:
        """Finds the workspace around a folder, else the package's own checkout, else the wheel's resources.

        `DIPLOGRAPH_BUILD` names another build folder. The default is `build/` in a checkout and
        `./diplograph-build` for a wheel, whose resources are not to be written to.

        Args:
            start: A folder inside the workspace; the current folder if not given.

        Raises:
            NotFound: None of the three exists, or `start` was given and no workspace is around it.
        """
        here = (start or Path.cwd()).absolute()
        for folder in (here, *here.parents):
            if _is_root(folder):
                return cls(folder, _build_folder(folder / "build"))
        if start is not None:
            raise NotFound(
                "no workspace here or above: a workspace holds ontology/, data/ and queries/",
                place=Place(file=start),
            )
        own = Path(__file__).parents[2]
        if _is_root(own):
            return cls(own, _build_folder(own / "build"))
        if _is_root(RESOURCES):
            return cls(RESOURCES, _build_folder(Path.cwd() / "diplograph-build"))
        raise NotFound("no ontology, data and queries in this folder, above it, or in the installed package")

    @property
    def ontology(self) -> Path:
        """The folder of the ontology, its alignment, its shapes and the prefix registry."""
        return self.root / "ontology"

    @property
    def reference(self) -> Path:
        """The folder of the reference data (Turtle)."""
        return self.root / "data" / "reference"

    @property
    def articles(self) -> Path:
        """The folder of what the articles say (TriG, one file an article)."""
        return self.root / "data" / "articles"

    @property
    def questions(self) -> Path:
        """The folder of the saved questions."""
        return self.root / "queries" / "questions"

    @property
    def checks(self) -> Path:
        """The folder of the data-quality checks."""
        return self.root / "queries" / "checks"

    @property
    def rules(self) -> Path:
        """The folder of the domain rules."""
        return self.root / "queries" / "rules"

    @property
    def graph(self) -> Path:
        """The link to the latest finished build."""
        return self.build / "graph"

    @property
    def store(self) -> Path:
        """The on-disk store of the latest finished build."""
        return self.graph / "store"

    @property
    def texts(self) -> Path | None:
        """The folder of the article texts, from `DIPLOGRAPH_TEXTS`; None without it."""
        value = os.environ.get("DIPLOGRAPH_TEXTS")
        return Path(value) if value else None

    def relative(self, path: Path) -> Path:
        """Returns a path as people name it: relative to the root where it is inside, else as it is."""
        return path.relative_to(self.root) if path.is_relative_to(self.root) else path


def _is_root(folder: Path) -> bool:
    if not (folder / "ontology" / "prefixes.ttl").is_file():
        return False
    return all((folder / marker).is_dir() for marker in _MARKERS)


def _build_folder(default: Path) -> Path:
    value = os.environ.get("DIPLOGRAPH_BUILD")
    return Path(value).absolute() if value else default
