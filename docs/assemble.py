"""The pages of the site, put together from what the repository has: ``python docs/assemble.py FOLDER``.

READMEs, executed notebooks and tables of results are taken as they are; only their links are led to the site's pages.
What stands in `docs/` is added, a page for each public name, and the gallery.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from gallery import gallery_page
from reference import lists_of_rooms, pages_of_names

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
REFERENCE = ROOT / "results" / "reference"
LINK = re.compile(r"(!?\[(?:!\[[^\]]*\]\([^)]*\)|[^\]]*)\])\(([^)\s#]+)(#[^)]*)?\)")  # also of an image
TREES = {
    "tutorials": "Each lesson as it ran when its result was made: nothing is computed when these pages are built.",
    "accuracy": "What was measured, each table by a script in `benchmarks/` that anyone can run.",
}

ROOT_PAGES = [
    *("tutorials/index", "howto/index", "results/index", "reference/index", "accuracy/index"),
    *("tests", "contributing", "changes"),
]


def toctree(pages: Iterable[str], *options: str) -> str:
    """The directive that lists pages."""
    return "\n".join(["", "```{toctree}", *(f":{option}:" for option in options), *pages, "```", ""])


def explorer_badge() -> str:
    """What opens the explorer on Binder; empty unless the host that builds the site tells the repository's name."""
    repository = os.environ.get("GITHUB_REPOSITORY")
    if not repository:
        return ""
    address = f"https://mybinder.org/v2/gh/{repository}/HEAD?urlpath=voila/render/notebooks/explore.ipynb"
    return f"[![Open the explorer on Binder](https://mybinder.org/badge_logo.svg)]({address})"


def with_badge(start: str) -> str:
    """The README's text with Binder's badge in place of its own, where it is known where that leads."""
    title, badge, text = start.split("\n\n", 2)
    return "\n\n".join([title, explorer_badge() or badge, text])


def executed_notebooks() -> list[Path]:
    """One executed copy of each notebook, in the order of the README's table."""
    order = re.findall(r"(\w+)\.ipynb\)", (ROOT / "README.md").read_text())
    copies = {path.stem: path for path in sorted(REFERENCE.glob("*/*.ipynb"), reverse=True)}
    return [copies.pop(name) for name in dict.fromkeys(order) if name in copies] + list(copies.values())


def files_that_are_pages() -> dict[str, Path]:
    """The repository's files that become pages, by the page's path."""
    tables = [path for path in sorted(REFERENCE.glob("*.md")) if path.name != "README.md"]
    return {
        "index.md": ROOT / "README.md",
        "results/index.md": REFERENCE / "README.md",
        "howto/batches.md": ROOT / "workflow" / "README.md",
        "contributing.md": ROOT / "CONTRIBUTING.md",
        "changes.md": ROOT / "CHANGELOG.md",
        "tests.md": ROOT / "tests" / "README.md",
        **{f"tutorials/{path.name}": path for path in executed_notebooks()},
        **{f"accuracy/{path.name}": path for path in tables},
        **{str(path.relative_to(DOCS)): path for path in sorted(DOCS.glob("*/*.md"))},
    }


class Site:
    """The folder in which pages are put together.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path):
        self.folder, self.files = folder, files_that_are_pages()
        self.page_of = {path: page for page, path in self.files.items()}
        lessons = {path.name: page for page, path in self.files.items() if path.suffix == ".ipynb"}
        for place in (ROOT / "notebooks", *REFERENCE.iterdir()):
            self.page_of |= {place / name: page for name, page in lessons.items()}
        self.page_of |= {
            path: f"results/gallery.md#{path.name.lower()}" for path in REFERENCE.iterdir() if path.is_dir()
        }
        self.page_of[ROOT / "experiments"] = "howto/experiments.md"

    def assemble(self) -> None:
        """Write all pages, and remove those that are none any more."""
        pages = {page: self.text_of(page, path) for page, path in self.files.items()}
        for room, text in lists_of_rooms().items():
            pages[f"reference/{room}.md"] += text
        for tree, sentence in TREES.items():
            members = [page.partition("/")[2] for page in pages if page.startswith(f"{tree}/")]
            pages[f"{tree}/index.md"] = f"# {tree.capitalize()}\n\n{sentence}\n{toctree(members)}"
        pages["index.md"] = with_badge(pages["index.md"]) + toctree(ROOT_PAGES, "hidden")
        title, text = pages["howto/explorer.md"].split("\n\n", 1)
        pages["howto/explorer.md"] = f"{title}\n\n{explorer_badge()}\n\n{text}"
        pages["results/index.md"] += toctree(["gallery"], "hidden")
        pages |= pages_of_names()
        pages["results/gallery.md"] = gallery_page(REFERENCE, lambda path: self.copy(path, "results/gallery.md"))
        pages["howto/experiments.md"] = experiments_page()
        for page, text in pages.items():
            self.write(page, text)
        for path in self.folder.rglob("*"):
            place = str(path.relative_to(self.folder))
            if path.is_file() and place not in pages and not place.startswith("files/"):
                path.unlink()

    def text_of(self, page: str, path: Path) -> str:
        """A file's text, with a title and with links that lead to pages, or to copies of files that are none."""

        def led(link: re.Match) -> str:
            shown, target = link[1], Path(os.path.normpath(path.parent / link[2]))
            if "://" in link[2] or not target.exists():
                return link[0]
            if shown.startswith("!"):
                return f"{shown}({self.copy(target, page).removeprefix('path:')})"
            shown = f"[{LINK.sub(led, shown[1:-1])}]"
            if (there := self.page_of.get(target)) is None:
                return f"{shown}({self.copy(target, page)})"
            return f"{shown}({os.path.relpath(there, Path(page).parent)}{link[3] or ''})"

        text = LINK.sub(led, path.read_text())
        if page.startswith("accuracy/") and not text.startswith("# "):
            title = path.stem.replace("_", " ").capitalize().replace("nest", "NEST")
            text = f"# {title}\n\n{text}"
        return text

    def write(self, page: str, text: str) -> None:
        """Write a page, unless it is there with this text: Sphinx reads again what is newer."""
        path = self.folder / page
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def copy(self, path: Path, page: str) -> str:
        """Where a copy of a file that is no page lies, as a link from a page."""
        place = Path("files") / path.relative_to(ROOT)
        (self.folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, self.folder / place)
        there = os.path.relpath(place, Path(page).parent)
        return there if path.suffix == ".png" else f"path:{there}"


def experiments_page() -> str:
    """All experiments, as they stand in their files."""
    parts = ["# Experiments\n\nCopy one of these files, and change it: see [batches](batches.md)."]
    for path in sorted((ROOT / "experiments").glob("*.yml")):
        parts.append(f"## {path.stem}\n\n```yaml\n{path.read_text()}```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    Site(Path(sys.argv[1])).assemble()
