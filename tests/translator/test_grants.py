"""The grant book: what it hands out, what it asks for, and when."""

from __future__ import annotations

import asyncio

import pytest

from contract.grant import Grant, PageGrants, PageInput
from contract.image_format import ImageFormat
from contract.report import Reply, Want
from translator.grants import AHEAD, GrantBook, GrantsNotRenewed

NOW = 1_000_000
RESULT = Grant("PUT", "http://x/result/old", {}, NOW + 600)


def grants(page: int, *, expires: int = NOW + 600, tag: str = "old") -> PageGrants:
    grant = Grant("GET", f"http://x/{page}/{tag}", {}, expires)
    return PageGrants(page, grant, grant, grant)


def book(*pages: PageGrants, patience_s: float = 1.0) -> GrantBook:
    return GrantBook(pages, ImageFormat.WEBP, now=lambda: NOW, patience_s=patience_s, result=RESULT)


async def test_a_good_grant_is_handed_out_at_once() -> None:
    held = grants(1)
    assert await book(held).get(1) is held


async def test_pages_about_to_expire_are_asked_for_a_few_at_a_time() -> None:
    dying = [grants(page, expires=NOW + 30) for page in range(1, 21)]
    assert [want.page for want in book(*dying).wants(range(1, 21))] == list(range(1, AHEAD + 1))
    assert book(grants(1)).wants([1]) == ()


async def test_pages_that_have_ended_are_not_asked_for() -> None:
    assert book(grants(1, expires=NOW), grants(2, expires=NOW)).wants([2]) == (Want(2),)


async def test_a_renewal_reaches_who_waits_for_it() -> None:
    held = book(grants(1, expires=NOW))
    waiting = asyncio.create_task(held.get(1))
    await asyncio.sleep(0)
    fresh = grants(1, tag="fresh")
    held.renew(Reply(grants=(fresh,)), held.wants([1]))
    assert await waiting is fresh
    assert await held.get(1) is fresh


async def test_a_renewal_in_the_usual_format_does_not_satisfy_who_wants_another() -> None:
    held = book(grants(1))
    waiting = asyncio.create_task(held.get(1, image_format=ImageFormat.PNG))
    await asyncio.sleep(0)
    held.renew(Reply(grants=(grants(1, tag="webp"),)), [Want(1)])
    await asyncio.sleep(0)
    assert not waiting.done()
    assert held.wants([1]) == (Want(1, ImageFormat.PNG),)
    png = grants(1, tag="png")
    held.renew(Reply(grants=(png,)), held.wants([1]))
    assert await waiting is png
    assert await held.get(1) is png


async def test_grants_nobody_asked_for_are_left_alone() -> None:
    held = book(grants(1))
    held.renew(Reply(grants=(grants(1, tag="other"), grants(7))), [])
    assert (await held.get(1)).input.url.endswith("old")


async def test_patience_ends() -> None:
    asked: list[int] = []
    held = book(grants(1), patience_s=0.01)
    held.asked = lambda: asked.append(1)
    with pytest.raises(GrantsNotRenewed):
        await held.get(1, fresh=True)
    assert asked == [1]
    assert held.wants([1]) == ()


async def test_the_manifests_grant_is_renewed_with_every_heartbeat() -> None:
    held = book(grants(1))
    assert held.result is RESULT
    fresh = Grant("PUT", "http://x/result/fresh", {}, NOW + 1200)
    held.renew(Reply(result=fresh), [])
    held.renew(Reply(), [])
    assert held.result is fresh


def neighbour(page: int, *, expires: int = NOW + 600) -> PageInput:
    return PageInput(page, grants(page, expires=expires).input)


def book_beside(*neighbours: PageInput, patience_s: float = 1.0) -> GrantBook:
    return GrantBook(
        [grants(1)],
        ImageFormat.WEBP,
        now=lambda: NOW,
        patience_s=patience_s,
        result=RESULT,
        neighbours=neighbours,
    )


async def test_a_neighbours_input_is_handed_out_and_nothing_else_of_it() -> None:
    beside = neighbour(2)
    held = book_beside(beside)
    assert await held.get_input(2) is beside.input
    assert await held.get_input(1) == grants(1).input
    assert [held.reads(page) for page in (1, 2, 3)] == [True, True, False]
    with pytest.raises(KeyError):
        await held.get(2)


async def test_a_neighbours_grant_is_renewed_only_when_somebody_needs_it() -> None:
    held = book_beside(neighbour(2, expires=NOW))
    assert held.wants([1]) == ()
    waiting = asyncio.create_task(held.get_input(2))
    await asyncio.sleep(0)
    assert held.wants([1]) == (Want(2),)
    fresh = grants(2, tag="fresh")
    held.renew(Reply(grants=(fresh,)), held.wants([1]))
    assert await waiting == fresh.input
    assert await held.get_input(2) == fresh.input


async def test_a_neighbours_grant_that_does_not_come_is_given_up() -> None:
    with pytest.raises(GrantsNotRenewed):
        await book_beside(neighbour(2, expires=NOW), patience_s=0.01).get_input(2)


async def test_two_who_want_fresh_grants_of_one_page_both_get_them() -> None:
    held = book_beside(neighbour(2, expires=NOW))
    waiting = [asyncio.create_task(held.get_input(2, fresh=True)) for _ in range(2)]
    for tag in ("first", "second"):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        held.renew(Reply(grants=(grants(2, tag=tag),)), held.wants([1]))
    assert [(await task).url for task in waiting] == ["http://x/2/first", "http://x/2/second"]
