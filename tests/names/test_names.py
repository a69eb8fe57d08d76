"""Entities are found by any spelling and script; what is not found gets the nearest names."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from diplograph.errors import NotFound
from diplograph.names import Names, names_of
from diplograph.store import EmbeddedStore
from diplograph.vocabulary import DG, ID, RDF, RDFS, SKOS

GRAPH = NamedNode("urn:g")


@pytest.fixture
def names() -> Names:
    def name(entity: str, kind: NamedNode, text: str, language: str) -> Quad:
        return Quad(ID[entity], kind, Literal(text, language=language), GRAPH)

    store = EmbeddedStore.from_quads(
        [
            name("chien", RDFS.label, "Hoang Xuan Chien", "en"),
            name("chien", RDFS.label, "Hoàng Xuân Chiến", "vi"),
            name("saleumxay", RDFS.label, "Saleumxay Kommasith", "en"),
            name("saleumxay", SKOS.altLabel, "สะเหลิมไซ กมมะสิด", "th"),
            name("saleumxay", SKOS.altLabel, "Saleumxay Kommasid", "lo-Latn"),
            name("asean", RDFS.label, "ASEAN", "en"),
            name("asean-summit", RDFS.label, "ASEAN Summit", "en"),
            name("laos", RDFS.label, "ລາວ", "lo"),
            name("laos-ministry", SKOS.altLabel, "Ministry", "en"),
            name("vietnam-ministry", SKOS.altLabel, "Ministry", "en"),
            Quad(ID.chien, RDF.type, DG.Person, GRAPH),
            Quad(ID.asean, RDF.type, DG.Organisation, GRAPH),
        ]
    )
    return names_of(store)


@pytest.mark.parametrize(
    "spelling",
    [
        "Hoàng Xuân Chiến",
        "hoang xuan chien",
        "HOANG-XUAN-CHIEN",
        "Hoàng  Xuân Chiến",
        "hoangxuanchien",
        "Chiến",
    ],
)
def test_spellings_meet(names: Names, spelling: str) -> None:
    assert names.resolve(spelling) == ID.chien


@pytest.mark.parametrize("spelling", ["สะเหลิมไซ กมมะสิด", "สะเหลิมไซกมมะสิด", "saleumxay kommasid"])
def test_scripts_meet(names: Names, spelling: str) -> None:
    assert names.resolve(spelling) == ID.saleumxay


def test_a_whole_name_wins_over_a_part(names: Names) -> None:
    assert names.resolve("Asean") == ID.asean


def test_iris_and_curies(names: Names) -> None:
    assert names.resolve("id:x", prefixes={"id": str(ID)}) == ID.x
    assert names.resolve(f"<{ID}x>") == ID.x


def test_unknown_suggests_the_nearest(names: Names) -> None:
    with pytest.raises(NotFound) as caught:
        names.resolve("Saleumxai Komasit")
    assert caught.value.code == "unknown-name"
    assert caught.value.suggestions[0] in ("Saleumxay Kommasid", "Saleumxay Kommasith")


def test_ambiguous_lists_the_candidates(names: Names) -> None:
    with pytest.raises(NotFound) as caught:
        names.resolve("Ministry", prefixes={"id": str(ID)})
    assert caught.value.code == "ambiguous-name"
    assert caught.value.suggestions == ("id:laos-ministry", "id:vietnam-ministry")


def test_class_narrows(names: Names) -> None:
    assert names.find("Asean", DG.Person) == []
    with pytest.raises(NotFound, match="class"):
        names.resolve("Asean", DG.Person)


def test_label_falls_back(names: Names) -> None:
    assert names.label(ID.chien.value, "vi") == "Hoàng Xuân Chiến"
    assert names.label(ID.chien.value, "th") == "Hoang Xuan Chien"
    assert names.label(ID.laos.value) == "ລາວ"
    assert names.label("urn:nobody") is None
