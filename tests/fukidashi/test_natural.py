from __future__ import annotations

import pytest

from fukidashi.natural import natural_key


def test_numbers_count_by_value_and_folders_come_one_by_one() -> None:
    names = ["b/1.png", "a/10.png", "a/9.png", "a/09b.png", "A/2.png", "10.png", "2.png"]
    assert sorted(names, key=natural_key) == [
        "2.png",
        "10.png",
        "A/2.png",
        "a/9.png",
        "a/09b.png",
        "a/10.png",
        "b/1.png",
    ]


def test_fullwidth_digits_count_as_digits() -> None:
    assert sorted(["第１０話", "第２話"], key=natural_key) == ["第２話", "第１０話"]


def test_a_name_of_thousands_of_digits_is_sorted_and_not_converted() -> None:
    long = "9" * 5000
    assert sorted([long, "0" * 5000 + "1"], key=natural_key) == ["0" * 5000 + "1", long]


@pytest.mark.parametrize("name", ["", "/", "//", "٣.png", "²", "\ud800.png"])
def test_odd_names_have_a_key(name: str) -> None:
    assert sorted([name, "1.png"], key=natural_key)
