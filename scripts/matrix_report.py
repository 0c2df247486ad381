"""What the tests of scripts/matrix showed, as lines of docs/compatibility.md."""

import datetime
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

COMPATIBILITY = Path(__file__).resolve().parent.parent / "docs/compatibility.md"


@dataclass(frozen=True)
class Result:
    """How many cases passed, how many of which test failed, and how many were skipped for which reason."""

    passed: int
    failed: Counter[str]
    skipped: Counter[str]

    @classmethod
    def from_junit(cls, report: Path) -> "Result":
        """Read the report that pytest wrote."""
        cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - pytest wrote it just now
        bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
        reasons = [reason.get("message", "") for case in cases for reason in case.iter("skipped")]
        names = Counter(f"{case.get('classname')}.{case.get('name', '').partition('[')[0]}" for case in bad)
        return cls(len(cases) - len(bad) - len(reasons), names, Counter(reasons))

    @property
    def counts(self) -> str:
        """Tell the three numbers in words."""
        return f"{self.passed} passed, {self.failed.total()} failed, {self.skipped.total()} skipped"

    @property
    def remarks(self) -> str:
        """Tell what failed and why what was skipped."""
        told = [f"{number} failed: {name}" for name, number in self.failed.items()]
        told += [f"{number} skipped: {reason}" for reason, number in self.skipped.items()]
        return "; ".join(told) or "nothing failed, nothing was skipped"


def record(title: str, versions: list[str], result: Result) -> None:
    """Write a generation's row of the table and its line of remarks; those of the others stay."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    upstream = [re.split(r"[+~-]", version)[0] for version in versions]
    row = [*upstream, str(result.passed), str(result.failed.total()), str(result.skipped.total()), today]
    text = COMPATIBILITY.read_text("utf-8")
    text = _with_line(text, f"| {title} |", f" {' | '.join(row)} |")
    text = _with_line(text, f"- {title}:", f" {result.remarks}.")
    COMPATIBILITY.write_text(text, "utf-8")


def _with_line(text: str, beginning: str, rest: str) -> str:
    """Give the one line of `text` that begins so a new rest."""
    changed, count = re.subn(rf"(?m)^{re.escape(beginning)}.*$", lambda _: beginning + rest, text)
    if count != 1:
        raise RuntimeError(f"{COMPATIBILITY.name} needs exactly one line that begins with '{beginning}'")
    return changed
