"""What the bench of translation says of a job: the sum of its parts, and what no order of work could beat."""

from __future__ import annotations

import pytest

from contract.translation import Context, TranslationWish
from tools.bench.translate import CALL_S, Measured


def job(
    wish: TranslationWish, *, calls: int, wall_s: float = 40.0, read_s: float = 20.0, finish_s: float = 5.0
) -> Measured:
    return Measured("a way", wish, wall_s, calls, 10, read_s, finish_s)


def test_in_turn_is_every_stage_and_every_call() -> None:
    assert job(TranslationWish(context=Context.BOTH), calls=10).in_turn_s == 20 + 5 + 10 * CALL_S


@pytest.mark.parametrize(
    ("wish", "calls", "read_s", "ideal_s"),
    [
        # The first page is read, ten calls follow each other, the last page is finished.
        (TranslationWish(context=Context.BOTH), 10, 20.0, 2 + 30 + 0.5),
        # Four calls at once are three rounds; reading two pages at once takes longer.
        (TranslationWish(context=Context.SOURCE), 10, 20.0, 10 + 3 + 0.5),
        (TranslationWish(context=Context.NONE), 10, 2.0, 0.2 + 9 + 0.5),
        # Four pages have to be read before the first of three calls.
        (TranslationWish(context=Context.BOTH, pages_per_call=4), 3, 20.0, 4 * 2 / 2 + 9 + 0.5),
    ],
)
def test_the_ideal_is_the_busiest_part_with_what_must_stand_before_and_after_it(
    wish: TranslationWish, calls: int, read_s: float, ideal_s: float
) -> None:
    assert job(wish, calls=calls, read_s=read_s).ideal_s(readers=2) == pytest.approx(ideal_s)


def test_a_chapter_is_told_against_both() -> None:
    told = job(TranslationWish(context=Context.BOTH), calls=10).told(readers=2)
    assert "10 calls" in told
    assert "in turn  55.0 s (0.73 of it)" in told
    assert "ideal  32.5 s (1.23 times)" in told
