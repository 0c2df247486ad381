"""What axe-core finds wrong with a page for people who see, hear or move otherwise."""

from pathlib import Path

from playwright.sync_api import Page

from shared_data import unavailable

AXE = Path(__file__).resolve().parent / "node" / "node_modules" / "axe-core" / "axe.min.js"
IMPACTS = ("serious", "critical")
RUN = """async ([selector, impacts]) => {
  const { violations, passes } = await axe.run(selector, { resultTypes: ['violations'] });
  const grave = violations.filter((one) => impacts.includes(one.impact));
  const told = grave.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target}: ${node.failureSummary}`));
  return { told, passes: passes.length };
}"""
LEAST_RULES = 10
"""A page of ours that fewer rules apply to has shown nothing."""


def violations(page: Page, selector: str = "html") -> list[str]:
    """The serious and critical ones of what is there now. The script comes past the page's policy, which stays."""
    if not AXE.is_file():
        unavailable("axe-core is not installed: npm ci in tests/node")
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(RUN, [selector, list(IMPACTS)])
    assert found["passes"] >= LEAST_RULES
    return [str(one) for one in found["told"]]
