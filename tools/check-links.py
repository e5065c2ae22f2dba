#!/usr/bin/env python3
"""Every relative link of the documentation leads to something, anchors included."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def without_code(text):
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.S | re.M)


def anchors_of(path):
    """Anchors as code hosts make them from headings."""
    text = re.sub(r"^```.*?^```", "", path.read_text(), flags=re.S | re.M)
    headings = re.findall(r"^#+\s+(.*?)\s*$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def documents():
    skipped = {".git", ".venv", "weir-demo"}
    for path in sorted(ROOT.rglob("*.md")):
        first = path.relative_to(ROOT).parts[0]
        if first not in skipped and not first.startswith("build"):
            yield path


def main():
    problems, count = [], 0
    for path in documents():
        for target in re.findall(r"\]\(([^)\s]+)\)", without_code(path.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            count += 1
            name, _, anchor = target.partition("#")
            goal = (path.parent / name).resolve() if name else path
            if not goal.exists():
                problems.append(f"{path.relative_to(ROOT)}: {target} leads nowhere")
            elif anchor and goal.suffix == ".md" and anchor not in anchors_of(goal):
                problems.append(f"{path.relative_to(ROOT)}: {target}: no such heading")
    print("\n".join(problems + [f"{count} links, {len(problems)} problems"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
