"""Any number of seeds from the command line; a seed that fails says how to replay it."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seeds", type=int, default=200, help="how many (200)")
    parser.add_argument("--first", type=int, default=1, help="the first of them (1)")
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument("--trace", action="store_true", help="print what was drawn and done")
    asked = parser.parse_args()
    from tests.simulation.home import prepare

    prepare()
    from tests.simulation.course import Course
    from tests.simulation.faults import KINDS

    seeds = (
        [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    )
    drawn: Counter[str] = Counter()
    failed, collections, calls, began = 0, 0, 0, time.process_time()
    for seed in seeds:
        verdict = Course(seed).run()
        drawn += verdict.drawn
        collections, calls = collections + verdict.collections, calls + verdict.calls
        if asked.trace:
            print("\n".join(verdict.trace))
        if verdict.broken:
            failed += 1
            print(f"seed {seed} failed; replay it with: {verdict.replay()}")
            print("\n".join(f"  {b}" for b in verdict.broken), flush=True)
    took = time.process_time() - began
    print(f"{len(seeds)} seeds, {failed} failed; {collections} collections, {calls} calls,")
    print(f"{took:.0f} s of processor time. Drawn:")
    print("\n".join(f"  {drawn[kind]:7,} {kind}" for kind in KINDS))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
