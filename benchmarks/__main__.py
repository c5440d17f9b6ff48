"""Every benchmark in turn: one JSON line each on standard output, kept in `bench-out/`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks import harness

NOT_PROGRAMS = {"__init__", "__main__", "harness"}


def programs() -> list[str]:
    """Names of the benchmarks: files here that have a `main`."""
    found = sorted(Path(__file__).parent.glob("*.py"))
    return [p.stem for p in found if p.stem not in NOT_PROGRAMS and "def main(" in p.read_text(encoding="utf-8")]


def main() -> None:
    """Run them all, or those named."""
    parser = harness.parser("NAME", __doc__ or "")
    parser.add_argument("--only", default="", help="names, comma separated")
    args = parser.parse_args()
    out = Path("bench-out")
    out.mkdir(exist_ok=True)
    failed = []
    for name in programs():
        if args.only and name not in args.only.split(","):
            continue
        harness.say(f"== {name}")
        run = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", "--data", str(args.data)],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if run.returncode:
            failed.append(name)
            continue
        line = run.stdout.strip().splitlines()[-1]
        print(line, flush=True)
        (out / f"{name}.json").write_text(line + "\n", encoding="utf-8")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
