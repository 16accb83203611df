"""One reading of an object, whatever the way it is read in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from orgwarden.salesforce import Page

PAGES_A_COMMIT = 25
# Bodies of query pages (`{"records": […]}`) and whether they end the reading.
Part = tuple[list[bytes], bool]


@dataclass(frozen=True)
class Reading:
    """`names` are the fields of the rows, `at` the org's time before it was asked, `parts` the
    rows: at least one part, and the last one says that it is. `sure` tells, for so many records
    seen, whether what was not seen is gone. `remark` is for people, when all is read. Of a reading
    that is not `whole` nothing is gone. `gone`, if given, is asked instead of `sure` with some ids
    that were not seen. `proved`: it shows that our user sees what others made."""

    names: tuple[str, ...]
    at: datetime
    parts: Iterator[Part]
    sure: Callable[[int], bool]
    remark: Callable[[], str]
    whole: bool = True
    gone: Callable[[Sequence[str]], bool] | None = None
    proved: bool = False


def gathered(pages: Iterable[Page]) -> Iterator[Part]:
    """The pages of one query, some to a part."""
    bodies: list[bytes] = []
    for page in pages:
        bodies.append(page.body)
        if page.done or len(bodies) >= PAGES_A_COMMIT:
            yield bodies, page.done
            bodies = []
