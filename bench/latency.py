"""Percentiles, and the one round that stands for several."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace


def percentile(ordered: Sequence[float], share: float) -> float:
    """
    The smallest value that at least `share` of all values do not exceed (nearest rank, exact).

    `ordered`: ascending, not empty. `share`: above 0, up to 1.
    """
    rank = -(-len(ordered) * round(share * 1_000_000) // 1_000_000)
    return ordered[max(rank, 1) - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """
    One round of one operation. `p50`, `p99`: milliseconds. `rate`: answers per second.

    `cpu`: microseconds of the server's CPU time per answer; `generator_cpu`: of ours.
    `generator_busy`: the share of its core that our side used. `errors`: how many by name.
    `tokens`: how many were verified, beside those counted as errors. `sign_us`: microseconds of an
    RS256 signature on the server's core just before: how fast that core was then. `foreign_cores`:
    how many cores other processes used meanwhile.
    """

    answers: int
    seconds: float
    p50: float
    p99: float
    cpu: float
    generator_cpu: float
    generator_busy: float
    sign_us: float
    foreign_cores: float
    errors: dict[str, int] = field(default_factory=dict)
    tokens: int = 0

    @property
    def rate(self) -> float:
        return self.answers / self.seconds if self.seconds else 0.0

    @property
    def rate_per_core(self) -> float:
        """Answers per second of the server's own CPU time: what neighbours change least."""
        return 1e6 / self.cpu if self.cpu else 0.0


def summed_up(rounds: Sequence[Round]) -> Round:
    """The median of each figure; answers, errors and tokens are added up."""

    def median(name: str) -> float:
        return float(statistics.median(getattr(one, name) for one in rounds))

    answers = sum(one.answers for one in rounds)
    errors: dict[str, int] = {}
    for one in rounds:
        for name, count in one.errors.items():
            errors[name] = errors.get(name, 0) + count
    return replace(
        rounds[0],
        answers=answers,
        seconds=answers / median("rate") if answers else 0.0,
        p50=median("p50"),
        p99=median("p99"),
        cpu=median("cpu"),
        generator_cpu=median("generator_cpu"),
        sign_us=median("sign_us"),
        foreign_cores=median("foreign_cores"),
        generator_busy=max(one.generator_busy for one in rounds),
        errors=errors,
        tokens=sum(one.tokens for one in rounds),
    )
