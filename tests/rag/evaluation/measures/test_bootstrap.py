"""How sure a mean is: intervals that can be checked against the binomial distribution, and paired differences."""

from __future__ import annotations

import pytest

from rag.evaluation.measures.bootstrap import difference, interval


@pytest.mark.parametrize("value", [0.0, 1.0, 0.3, -2.5])
@pytest.mark.parametrize("count", [1, 3, 50])
def test_values_that_are_all_the_same_leave_no_doubt(value: float, count: int) -> None:
    assert interval([value] * count) == (value, value)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Resampled shares are binomial, and these ends are its 2.5 % and 97.5 % quantiles.
        ([0, 1], (0.0, 1.0)),
        ([1] + [0] * 9, (0.0, 0.3)),
        ([1, 0] * 5, (0.2, 0.8)),
        ([0, 1] * 8, (0.25, 0.75)),
        ([0, 1] * 50, (0.4, 0.6)),
        # Not a share: just what this seed gives.
        ([1, 2, 3, 4, 10], (1.8, 7.2)),
    ],
)
def test_known_intervals(values: list[float], expected: tuple[float, float]) -> None:
    assert interval(values) == interval(tuple(values)) == expected


@pytest.mark.parametrize("values", [[0, 0, 1], [0.2, 0.9, 0.4, 0.4], [5, -5, 1, 0, 0, 2], [1] * 19 + [0]])
def test_the_mean_lies_inside(values: list[float]) -> None:
    low, high = interval(values)
    assert min(values) <= low < sum(values) / len(values) < high <= max(values)


def test_more_questions_are_surer() -> None:
    widths = [high - low for low, high in (interval([0, 1, 1, 1] * n) for n in (2, 8, 32, 128))]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < widths[0] / 6  # the width goes with the square root: 64 times as many, an eighth


def test_nothing_measured_has_no_interval() -> None:
    with pytest.raises(ValueError, match="no values"):
        interval([])
    with pytest.raises(ValueError, match="no values"):
        difference([], [])


def test_differences_are_taken_in_pairs() -> None:
    assert difference([0, 1, 1], [1, 1, 1]) == (0.3333, (0.0, 1.0))
    assert difference([1, 1, 1], [0, 1, 1]) == (-0.3333, (-1.0, 0.0))
    # Both runs vary widely, but each question gained the same: paired, there is no doubt.
    before = [0.0, 0.5, 0.25, 0.75] * 5
    assert difference(before, [value + 0.25 for value in before]) == (0.25, (0.25, 0.25))
    # The same values in another order: no change on average, but much doubt.
    change, (low, high) = difference(before, before[::-1])
    assert change == 0.0
    assert low < -0.1 and high > 0.1


@pytest.mark.parametrize(("before", "after"), [([1, 0], [1]), ([1], [1, 0]), ([], [1])])
def test_differences_of_runs_of_two_lengths_are_an_error(before: list[float], after: list[float]) -> None:
    with pytest.raises(ValueError, match=r"zip\(\)"):
        difference(before, after)
