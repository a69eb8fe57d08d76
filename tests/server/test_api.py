"""The saved questions as a web API, as its own description says, and as forms."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Unsatisfiable
from pyoxigraph import NamedNode
from schemathesis.config import SchemathesisConfig
from server.serving import Running, serving

from diplograph import questions
from diplograph.errors import NotFound
from diplograph.sparql import with_prefixes
from diplograph.store import open_store
from diplograph.vocabulary import prefixes
from diplograph.why import everything, patterns
from diplograph.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

OURS = Workspace.find()
SAVED = questions.load(OURS)
NASTY = [
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    '"} ; DROP ALL ; #',
    "Laos> ?p ?o } #",
    "\\u0022",
    "x" * 600,
    "../../etc/passwd",
    "%s%n${7*7}{{7*7}}",
    "a\u0000b",
    "\u202e\u2066",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("api"), built) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Running) -> Iterator[httpx.Client]:
    with server.client() as opened:
        yield opened


def _examples(name: str) -> dict[str, str]:
    return {parameter.name: parameter.example for parameter in SAVED[name].parameters}


def test_the_list_is_the_folder(client: httpx.Client) -> None:
    listed = client.get("/api/questions").json()["questions"]
    assert {each["name"] for each in listed} == set(SAVED)
    assert {path.rpartition("/")[2] for path in client.get("/api/openapi.json").json()["paths"]} == {
        *SAVED,
        "questions",
    }


@pytest.mark.parametrize("name", SAVED)
def test_every_question_answers_as_the_embedded_store_does(
    client: httpx.Client, built: Path, name: str
) -> None:
    response = client.get(f"/api/questions/{name}", params=_examples(name))
    with open_store(built / "store") as store:
        try:
            expected = questions.ask(store, SAVED[name], _examples(name), prefixes(OURS))
        except NotFound as error:  # who is named in the example is in no article yet
            assert (response.status_code, response.json()["detail"]) == (404, error.message)
            return
    assert response.status_code == 200, response.text
    rows = response.json()["results"]["bindings"]
    got = [tuple(row[each]["value"] if each in row else None for each in expected.variables) for row in rows]
    assert got == expected.values()
    form = client.get(f"/questions/{name}", params=_examples(name))
    assert form.status_code == 200
    assert form.text.count("<tr>") == len(rows) + 1


@pytest.mark.parametrize("name", SAVED)
def test_every_row_says_what_it_rests_on(client: httpx.Client, name: str) -> None:
    response = client.get(f"/api/questions/{name}", params=_examples(name) | {"why": "true"})
    if response.status_code == 404:
        return
    assert response.status_code == 200, response.text
    found = response.json()
    assert len(found["why"]) == len(found["results"]["bindings"])
    if name not in WITHOUT_REASONS:
        assert all(reasons for reasons in found["why"]), name


WITHOUT_REASONS: set[str] = set()
"""Questions about what is missing: no triple vouches for an absence."""


def test_reasons_end_in_passages(client: httpx.Client) -> None:
    found = client.get("/api/questions/timeline-of-an-actor", params={"actor": "Laos", "why": "true"}).json()
    graphs = [graph for row in found["why"] for reason in row for graph in reason["graphs"]]
    assert any("#char=" in graph["graph"] and graph["says"] for graph in graphs)


@pytest.mark.parametrize("value", NASTY)
@pytest.mark.parametrize("name", ["timeline-of-an-actor", "holders-on-a-date"])
def test_values_are_data(client: httpx.Client, name: str, value: str) -> None:
    parameter = SAVED[name].parameters[0].name
    for path in (f"/api/questions/{name}", f"/questions/{name}"):
        response = client.get(path, params={parameter: value})
        assert response.status_code in (400, 404), response.text
        assert "<script>alert" not in response.text or response.headers["content-type"].endswith("json")
        assert "Traceback" not in response.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("on=2022-11-01", 200),
        ("on=20221101", 400),
        ("on=2022-W44-2", 400),
        ("on=2022-02-30", 400),
        ("on=", 400),
        ("", 400),
        ("on=2022-11-01&on=2022-11-02", 400),
        ("on=2022-11-01&other=1", 400),
        ("on=2022-11-01&format=pdf", 400),
        ("on=2022-11-01&why=perhaps", 400),
        ("on=2022-11-01&why=true&format=csv", 200),
    ],
)
def test_parameters_are_read_strictly(client: httpx.Client, query: str, status: int) -> None:
    response = client.get(f"/api/questions/holders-on-a-date?{query}")
    assert response.status_code == status, response.text


def test_unknown_names_get_suggestions(client: httpx.Client) -> None:
    response = client.get(
        "/api/questions/timeline-of-an-actor", params={"actor": "Lao s R e public of nowhere"}
    )
    assert response.status_code == 404
    assert isinstance(response.json()["suggestions"], list)
    assert client.get("/api/questions/no-such-question").status_code == 404


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_formats_and_entity_tags(client: httpx.Client, form: str) -> None:
    first = client.get("/api/questions/states", params={"format": form})
    assert first.status_code == 200
    again = client.get(
        "/api/questions/states", params={"format": form}, headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304


def test_reasons_are_a_column_of_a_table(client: httpx.Client) -> None:
    parameters = {"actor": "Laos", "why": "true", "format": "csv"}
    lines = client.get("/api/questions/timeline-of-an-actor", params=parameters).text.splitlines()
    assert lines[0] == "date,thing,relation,why"
    assert all(
        "https://w3id.org/diplograph/article/" in line.rpartition(",char=")[0] + line for line in lines[1:]
    )


def test_widened_queries_keep_their_patterns() -> None:
    query = (
        "PREFIX x: <urn:x:> SELECT (COUNT(?s) AS ?n) WHERE { ?s x:p ?o . MINUS { ?s x:q ?o } "
        "FILTER NOT EXISTS { ?s x:r ?o } } GROUP BY ?o LIMIT 3"
    )
    wide = everything(query)
    assert wide.startswith("PREFIX x: <urn:x:> SELECT DISTINCT * WHERE { ?s x:p ?o")
    assert "LIMIT" not in wide
    assert [str(pattern[1]) for pattern in patterns(query)] == ["urn:x:p"]


def test_prefixes_are_those_of_the_registry(client: httpx.Client) -> None:
    query = with_prefixes("SELECT ?x { ?x a dg:Person } ORDER BY ?x", prefixes(OURS))
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    assert rows
    assert all(NamedNode(row["x"]["value"]) for row in rows)


def test_schemathesis_finds_nothing(server: Running) -> None:
    """Drives every operation of the description with good and bad data."""
    schema = schemathesis.openapi.from_url(
        f"{server.base}/api/openapi.json", config=SchemathesisConfig.discover()
    )
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert len(operations) == len(SAVED) + 1
    for operation in operations:
        _drive(operation, schemathesis.GenerationMode.POSITIVE)
        with contextlib.suppress(Unsatisfiable):  # no bad data can be made for what takes none
            _drive(operation, schemathesis.GenerationMode.NEGATIVE)


def _drive(operation: object, mode: object) -> None:
    strategy = operation.as_strategy(generation_mode=mode)  # type: ignore[attr-defined]

    @settings(
        max_examples=4,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @_given(strategy)
    def drive(case: object) -> None:
        case.call_and_validate()  # type: ignore[attr-defined]

    drive()


def _given(strategy: object) -> object:
    from hypothesis import given

    return given(case=strategy)  # type: ignore[arg-type]
