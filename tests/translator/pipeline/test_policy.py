"""What is done with a text: what the job asks, or less."""

from __future__ import annotations

import pytest

from contract.policy import KINDS, Handling, Policies, Policy
from translator.pipeline.policy import Decision, decide, handling
from translator.pipeline.types import Balloon, Box, Kind, Origin, Reading, Region, Translation

BOX = Box(10, 10, 60, 90)
BALLOON = Balloon(BOX, BOX.polygon, (255, 255, 255))
DEFAULT = Policies()


def region(kind: Kind = Kind.DIALOGUE, *, balloon: Balloon | None = BALLOON) -> Region:
    return Region("r0001", BOX, BOX.polygon, kind, True, 0.9, balloon=balloon)


def read(text: str, confidence: float = 0.95) -> Reading:
    return Reading("r0001", text, confidence)


def reason(place: Region, reading: Reading | None, policies: Policies = DEFAULT) -> str:
    decision = decide(place, reading, policies)
    assert (decision.action is Policy.KEEP) == bool(decision.why)
    return decision.why


def test_the_kinds_of_the_contract_are_those_of_the_pipeline() -> None:
    assert set(KINDS) == {kind.value for kind in Kind}


def test_a_text_in_a_balloon_is_translated() -> None:
    assert decide(region(), read("夢の翼は"), DEFAULT) == Decision(Policy.TRANSLATE, Policy.TRANSLATE)


@pytest.mark.parametrize("kind", [Kind.SFX, Kind.SIGN, Kind.PAGE_NUMBER])
def test_effects_signs_and_page_numbers_stay_as_drawn(kind: Kind) -> None:
    assert "as drawn" in reason(region(kind), read("ドーン"))


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("policy", [Policy.TRANSLATE, Policy.ANNOTATE, Policy.ERASE])
def test_each_kind_can_have_each_policy(kind: Kind, policy: Policy) -> None:
    decision = decide(region(kind), read("ドーン"), Policies(**dict.fromkeys(KINDS, policy)))
    assert (decision.policy, decision.action) == (policy, policy)
    assert decision.is_translated == (policy is not Policy.ERASE)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_a_job_keeps_says_so(kind: Kind) -> None:
    assert "as drawn" in reason(region(kind), read("夢"), Policies(**dict.fromkeys(KINDS, Policy.KEEP)))


@pytest.mark.parametrize("policies", [DEFAULT, Policies(dialogue=Policy.ERASE), Policies(dialogue=Policy.ANNOTATE)])
@pytest.mark.parametrize("reading", [None, read(""), read("  ")])
def test_a_text_that_could_not_be_read_stays_whatever_the_policy(policies: Policies, reading: Reading | None) -> None:
    assert reason(region(), reading, policies) == "no text could be read"
    assert decide(region(), reading, policies).policy is policies.dialogue


@pytest.mark.parametrize("text", ["……", "！？", "!!"])
def test_punctuation_alone_stays(text: str) -> None:
    assert "punctuation" in reason(region(), read(text))


def test_an_unsure_reading_stays_and_tells_how_unsure() -> None:
    assert "0.31" in reason(region(), read("夢の翼は", 0.31))


@pytest.mark.parametrize("reading", [read("……"), read("ゴゴゴ", 0.31)])
def test_what_need_not_be_understood_can_be_erased(reading: Reading) -> None:
    decision = decide(region(Kind.SFX), reading, Policies(sfx=Policy.ERASE))
    assert (decision.action, decision.why) == (Policy.ERASE, "sound effects are erased")


def test_a_page_number_is_erased_even_where_its_digit_was_not_read() -> None:
    place = region(Kind.PAGE_NUMBER, balloon=None)
    assert decide(place, read(""), Policies(page_number=Policy.ERASE)).action is Policy.ERASE
    assert reason(place, read(""), Policies(page_number=Policy.TRANSLATE)) == "no text could be read"


@pytest.mark.parametrize("text", ["田田", "口", "O"])
@pytest.mark.parametrize("policy", [Policy.TRANSLATE, Policy.ERASE, Policy.ANNOTATE])
def test_windows_and_rings_over_the_drawing_are_no_text(text: str, policy: Policy) -> None:
    policies = Policies(narration=policy, dialogue=policy)
    assert "looks like characters" in reason(region(Kind.NARRATION, balloon=None), read(text), policies)
    assert decide(region(), read(text), policies).action is policy


def test_a_word_over_the_drawing_is_translated() -> None:
    assert decide(region(Kind.NARRATION, balloon=None), read("日曜日"), DEFAULT).is_translated


@pytest.mark.parametrize(
    ("action", "origin", "is_set", "done"),
    [
        (Policy.TRANSLATE, Origin.MODEL, True, Handling.TRANSLATED),
        (Policy.TRANSLATE, Origin.KEPT_SOURCE, False, Handling.KEPT),
        (Policy.TRANSLATE, Origin.ELSEWHERE, False, Handling.TRANSLATED),
        (Policy.ANNOTATE, Origin.MEMORY, True, Handling.ANNOTATED),
        (Policy.ANNOTATE, Origin.MEMORY, False, Handling.KEPT),
        (Policy.ANNOTATE, Origin.KEPT_SOURCE, False, Handling.KEPT),
        (Policy.ERASE, Origin.NONE, False, Handling.ERASED),
        (Policy.KEEP, Origin.KEPT_SOURCE, False, Handling.KEPT),
    ],
)
def test_what_was_done_is_told_by_what_came_of_it(action: Policy, origin: Origin, is_set: bool, done: Handling) -> None:
    assert handling(Decision(action, action), Translation("r", "", origin), is_set=is_set) is done
