"""Both clients on a series' glossary and memory, against the real orchestrator."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from contract.glossary import Glossary, Rendering, Term, TermOrigin, TermStatus
from fukidashi import ApiError, ConnectionFailed, NotFound
from fukidashi.operations import MemoryChange
from fukidashi.retry import RetryPolicy
from tests.edge.world import KEYS, MEMORY, PUBLIC, World
from tests.fukidashi.clients import KINDS, AnyClient
from tests.fukidashi.world_transport import WorldTransport

HIKARU = Term("光", translations={"en": Rendering("Hikaru")})
PROPOSED = Term("闇", translations={"en": Rendering("Darkness", TermStatus.PROPOSED, TermOrigin.MODEL)})


@pytest.fixture
def transport(world: World) -> WorldTransport:
    return WorldTransport(world)


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, transport: WorldTransport) -> Iterator[AnyClient]:
    policy = RetryPolicy(attempts=3, first_s=0.001)
    client = KINDS[request.param](PUBLIC, KEYS["owner-a"], transport=transport, policy=policy)
    yield client
    client.close()


def test_a_glossary_is_created_read_and_replaced_only_by_its_etag(client: AnyClient) -> None:
    with pytest.raises(NotFound):
        client.get_glossary("s1")
    client.put_glossary("s1", Glossary((HIKARU,)))
    stored = client.get_glossary("s1")
    assert stored.glossary == Glossary((HIKARU,))
    with pytest.raises(ApiError) as error:
        client.put_glossary("s1", Glossary())
    assert error.value.status == 412
    client.put_glossary("s1", Glossary((PROPOSED,)), etag=stored.etag)
    with pytest.raises(ApiError):
        client.put_glossary("s1", Glossary(), etag=stored.etag)


def test_terms_are_merged_decided_and_removed(client: AnyClient) -> None:
    assert client.merge_terms("s1", (HIKARU, PROPOSED)) == (HIKARU, PROPOSED)
    assert client.accept_term("s1", PROPOSED.id, target="fr") == PROPOSED
    accepted = client.accept_term("s1", PROPOSED.id)
    assert accepted.translations["en"].status is TermStatus.ACCEPTED
    assert client.reject_term("s1", PROPOSED.id) == accepted, "what is accepted is removed, not rejected"
    client.remove_term("s1", PROPOSED.id)
    with pytest.raises(NotFound):
        client.remove_term("s1", PROPOSED.id)
    assert client.get_glossary("s1").glossary.terms == (HIKARU,)


def test_a_memory_is_merged(client: AnyClient) -> None:
    assert client.merge_memory("s1", MEMORY) == MemoryChange(1, 0, 0)
    assert client.merge_memory("s1", MEMORY) == MemoryChange(0, 0, 0)
    with pytest.raises(ApiError) as error:
        client.merge_memory("s1", {**MEMORY, "entries": [{"source": "a"}]})
    assert (error.value.status, error.value.field) == (422, "entries[0].target")


def test_a_merge_whose_answer_is_lost_is_asked_again_and_a_removal_is_not(
    client: AnyClient, transport: WorldTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = {"POST": 1, "DELETE": 1}
    handle = transport.handle_request

    def losing(request: httpx.Request) -> httpx.Response:
        response = handle(request)
        if lost.get(request.method):
            lost[request.method] -= 1
            raise httpx.ReadError("reset", request=request)
        return response

    monkeypatch.setattr(transport, "handle_request", losing)
    assert client.merge_terms("s1", (HIKARU,)) == (HIKARU,)
    with pytest.raises(ConnectionFailed):
        client.remove_term("s1", HIKARU.id)
    assert [what.split()[0] for what in transport.asked] == ["POST", "POST", "DELETE"]


@pytest.mark.parametrize("series", ["../jobs", "a/b", "", "x" * 200])
def test_a_series_id_cannot_lead_elsewhere(client: AnyClient, transport: WorldTransport, series: str) -> None:
    for ask in (client.get_glossary, client.get_memory):
        with pytest.raises(NotFound):
            ask(series)
    assert not [path for path in transport.asked if "/jobs?" in path or path.endswith(" /jobs")]
