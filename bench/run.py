"""
The published figures: `make bench`, or `.venv/bin/python bench/run.py [--quick] [--only PART]`.

A full run takes about twenty minutes on two cores, and writes `bench/results/published.json`,
`docs/performance.md` and its charts. `--quick` and `--only` show their figures and keep them
beside the published ones.
"""

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY))

from bench import goals, report, results  # noqa: E402 - the path is set above
from bench.contenders import CONTENDERS, Contender  # noqa: E402
from bench.neighbours import Neighbours  # noqa: E402
from bench.parts import BRIEF, FULL, PARTS, QUICK, Bench  # noqa: E402

RESULTS = REPOSITORY / "bench" / "results"
PUBLISHED = RESULTS / "published.json"
DOCS = REPOSITORY / "docs"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.render:
        return _written(results.load(PUBLISHED))
    publishes = not options.quick and options.only is None
    found = results.Results(
        date=f"{datetime.now(UTC):%-d %B %Y}",
        command="bench/run.py --brief" if options.brief else "make bench",
        machine=_machine(),
        versions={},
    )
    present = _present(found, options.without or [])
    found.versions = {contender.name: contender.version() for contender in present}
    effort = QUICK if options.quick else BRIEF if options.brief else FULL
    neighbours = Neighbours(effort.patience)
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="cognate-bench-") as directory:
        bench = Bench(
            contenders=present,
            effort=effort,
            directory=Path(directory),
            results=found,
            neighbours=neighbours,
        )
        for name, part in PARTS.items():
            if options.only in (None, name):
                print(f"== {name}", flush=True)
                part(bench)
    found.seconds = time.perf_counter() - begin
    found.rounds, found.disturbed = neighbours.rounds, neighbours.disturbed
    print(f"{found.disturbed} of {found.rounds} rounds were disturbed by other processes")
    for verdict in goals.verdicts(found):
        print(f"{verdict.word:22} {verdict.goal}: {verdict.measured}")
    for note in found.notes:
        print(f"note   {note}")
    results.save(found, PUBLISHED if publishes else RESULTS / f"{options.only or 'quick'}.json")
    if publishes:
        _written(found)
    wrong = found.bad_answers()
    if wrong:
        print(f"FAILED: Cognate gave answers that are wrong or refusals: {wrong}", file=sys.stderr)
    return 1 if wrong else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure Cognate and its neighbours.")
    parser.add_argument("--quick", action="store_true", help="small sizes, two minutes")
    parser.add_argument(
        "--brief", action="store_true", help="every size, fewer rounds: six minutes"
    )
    parser.add_argument("--only", choices=list(PARTS), help="one part of it")
    parser.add_argument(
        "--without", action="append", metavar="SERVER", help="leave moto or cognito-local out"
    )
    parser.add_argument(
        "--render", action="store_true", help="write the page again from the published figures"
    )
    return parser.parse_args(arguments)


def _present(found: results.Results, without: Sequence[str]) -> list[Contender]:
    present = []
    for contender in CONTENDERS:
        reason = "left out" if contender.name in without else contender.missing()
        if reason is None:
            present.append(contender)
        else:
            found.note(f"{contender.name} was not measured: {reason}.")
    return present


def _written(found: results.Results) -> int:
    for path in report.write(found, DOCS):
        print(f"wrote  {path.relative_to(REPOSITORY)}")
    return 0


def _machine() -> results.Machine:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return results.Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=memory / 2**30,
        system=_system(),
        python=platform.python_version(),
        node=_node(),
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = platform.system()
    return f"{name}, kernel {platform.release()}"


def _node() -> str | None:
    if shutil.which("node") is None:
        return None
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    return said.stdout.strip().lstrip("v") or None


if __name__ == "__main__":
    sys.exit(main())
