"""`python -m bench [NAME]`: run all benchmarks or one, and print each figure with its ratio."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping

from bench import example, figures, ingest, loop, page, startup
from bench.measure import Result

ALL: Mapping[str, Callable[[], Iterator[Result]]] = {
    "startup": startup.run,
    "loop": loop.run,
    "ingest": ingest.run,
    "page": page.run,
    "figures": figures.run,
    "example": example.run,
}


def main(names: list[str]) -> int:
    """Run what is named, or all; 2 for a name that there is none of."""
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"there is no benchmark {unknown[0]}: choose of {', '.join(ALL)}", file=sys.stderr)
        return 2
    for name in names or ALL:
        for result in ALL[name]():
            print(f"{name}: {result}", flush=True)
    return 0


sys.exit(main(sys.argv[1:]))
