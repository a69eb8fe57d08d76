from __future__ import annotations

from pathlib import Path

import pytest

from diplograph.errors import NotFound, SyntaxProblem, UnknownTerm
from diplograph.vocabulary import DG, ID, Namespace, compact, expand, prefixes
from diplograph.workspace import Workspace


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("ontology", "data/articles", "queries"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ontology" / "prefixes.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
        "<urn:o> sh:declare\n"
        '  [ sh:prefix "id" ; sh:namespace "https://w3id.org/diplograph/id/"^^xsd:anyURI ] ,\n'
        '  [ sh:prefix "a" ; sh:namespace "urn:a:"^^xsd:anyURI ] .\n'
    )
    return tmp_path


def test_a_workspace_is_found_from_inside(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIPLOGRAPH_BUILD", raising=False)
    workspace = Workspace.find(tree / "data" / "articles")
    assert workspace == Workspace(tree, tree / "build")
    assert workspace.articles == tree / "data" / "articles"
    assert workspace.relative(workspace.rules) == Path("queries/rules")


def test_the_build_folder_and_the_texts_come_from_the_environment(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIPLOGRAPH_BUILD", str(tree / "elsewhere"))
    monkeypatch.setenv("DIPLOGRAPH_TEXTS", str(tree / "texts"))
    workspace = Workspace.find(tree)
    assert workspace.store == tree / "elsewhere" / "graph" / "store"
    assert workspace.texts == tree / "texts"


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Workspace.find(tmp_path)


def test_without_a_start_the_checkout_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (Workspace.find().ontology / "prefixes.ttl").is_file()


def test_the_registry_of_prefixes(tree: Path) -> None:
    workspace = Workspace(tree, tree / "build")
    assert prefixes(workspace) == {"a": "urn:a:", "id": "https://w3id.org/diplograph/id/"}
    assert expand("id:laos", prefixes(workspace)) == ID.laos
    assert expand("<urn:x>", prefixes(workspace)).value == "urn:x"
    assert compact(ID.laos, prefixes(workspace)) == "id:laos"
    assert compact("urn:b:c", prefixes(workspace)) == "<urn:b:c>"
    assert compact(ID["a#char=1,2"], prefixes(workspace)) == "<https://w3id.org/diplograph/id/a#char=1,2>"
    with pytest.raises(UnknownTerm, match="unknown prefix 'ix'"):
        expand("ix:laos", prefixes(workspace))


def test_a_broken_registry(tree: Path) -> None:
    path = tree / "ontology" / "prefixes.ttl"
    path.write_text("@prefix sh <http://www.w3.org/ns/shacl#> .")
    with pytest.raises(SyntaxProblem) as caught:
        prefixes(Workspace(tree, tree / "build"))
    assert caught.value.place is not None
    assert caught.value.place.line == 1


def test_a_namespace_makes_terms() -> None:
    assert DG.Person == DG["Person"] == DG.term("Person")
    assert DG.Person in DG
    assert DG.Person not in Namespace("urn:x:")
    assert DG.local(DG.Person) == "Person"
