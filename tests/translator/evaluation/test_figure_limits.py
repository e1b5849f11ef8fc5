"""A limit that cannot fail is refused."""

from __future__ import annotations

import pytest

from translator.evaluation.figure import Better, Figure, Unit
from translator.evaluation.limits import Limit, LimitError, broken, check_names

F1 = Figure("f1", "F1", 0.95, Unit.SHARE, Better.HIGHER, 0.96)
CER = Figure("cer", "CER", 0.01, Unit.PERCENT, Better.LOWER, 0.016)


@pytest.mark.parametrize("text", ["", "f1", "f1=", "=0.5", "f1=much", "f1=nan"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(LimitError, match="is not NAME=VALUE"):
        Limit.parse(text, is_floor=True)


def test_a_limit_of_an_unknown_figure_is_refused_with_those_there_are() -> None:
    with pytest.raises(LimitError, match="no figure 'f2'; there are f1, cer"):
        check_names([Limit("f2", 1, is_floor=True)], ["f1", "cer"])


def test_floors_and_ceilings_hold_at_their_value_and_break_beyond() -> None:
    holding = [Limit("f1", 0.95, is_floor=True), Limit("cer", 0.01, is_floor=False)]
    assert broken(holding, [F1, CER]) == ()
    beyond = [Limit("f1", 0.951, is_floor=True), Limit("cer", 0.009, is_floor=False)]
    assert broken(beyond, [F1, CER]) == ("f1 is 0.9500, less than 0.951", "cer is 0.0100, more than 0.009")


def test_a_figure_knows_whether_it_reaches_its_target() -> None:
    assert F1.reaches is False
    assert CER.reaches is True
    assert Figure("x", "x", 1, Unit.SHARE, Better.NEITHER).reaches is None
    assert (CER.text, CER.target_text, F1.target_text) == ("1.00 %", "≤ 1.60 %", "≥ 0.960")
