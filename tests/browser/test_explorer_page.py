"""The explorer as people see it: a page without code, whose sliders move theory's solutions."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from meanfield.runs.sources import ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 120


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """What `make explore` starts, without a password, on a free port of the loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"root_dir": ROOT, "port": port, "ip": "127.0.0.1", "open_browser": False}
    words = [f"--ServerApp.{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "jupyterlab", *words, "--allow-root", "--IdentityProvider.token="]
    log = tmp_path_factory.mktemp("server") / "log"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with log.open("w") as said, subprocess.Popen(command, stdout=said, stderr=said, env=environment) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(SECONDS):
                try:
                    urllib.request.urlopen(f"{address}/api", timeout=5)
                    break
                except OSError:
                    time.sleep(1)
            else:
                pytest.fail(log.read_text())
            yield address
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def page(server):
    """The page, with all that its console said of errors as `page.errors`."""

    def is_ours(said) -> bool:
        """Whether it is an error here. Voilà loads icons and MathJax from elsewhere, of which this page needs none."""
        return said.type == "error" and "://127.0.0.1" in said.location["url"]

    with sync_playwright() as playwright:
        executable = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1400, "height": 1000})
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server)
        page = context.new_page()
        page.set_default_timeout(1000 * SECONDS)
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda said: page.errors.append(said.text) if is_ours(said) else None)
        page.goto(f"{server}/voila/render/notebooks/explore.ipynb")
        expect(page.get_by_text("open in compare", exact=True)).to_be_visible()
        yield page
        browser.close()


def set_slider(page: Page, name: str, value: float) -> None:
    """Type a value into the number beside a slider."""
    slider = page.locator(".widget-slider").filter(has=page.get_by_text(name, exact=True))
    number = slider.locator(".widget-readout")
    number.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(str(value))
    page.keyboard.press("Enter")


def rows(page: Page) -> list[list[str]]:
    """The cells of the table of solutions."""
    table = page.locator("table").filter(has_text="solution")
    return [row.locator("td").all_inner_texts() for row in table.locator("tr").all()[1:]]


def test_the_page_opens_without_an_error_and_without_code(page):
    assert len(rows(page)) == 1
    assert page.locator(".jp-CodeCell .jp-InputArea:visible").count() == 0
    assert page.get_by_text("import meanfield").count() == 0
    assert page.errors == []
    for image in page.locator("img").all():
        assert image.evaluate("image => image.naturalWidth") > 300


def test_sliders_show_three_solutions(page, tmp_path):
    set_slider(page, "g", 3)
    set_slider(page, "eta", 0.8)
    table = page.locator("table").filter(has_text="solution")
    expect(table.locator("tr")).to_have_count(4)
    expect(table).to_contain_text("133.709")
    seen = rows(page)
    assert [row[-1] for row in seen] == ["stable", "unstable", "stable"]
    for row, rate in zip(seen, (0.003910889, 2.252597, 133.709288), strict=True):
        assert [float(cell) for cell in row[1:3]] == pytest.approx([rate, rate], rel=1e-5)
    # The slower panels follow
    expect(page.locator("table").filter(has_text="Siegert")).to_contain_text("126.98")
    expect(page.locator("code").filter(has_text="meanfield run")).to_contain_text("-p g 3.0 -p eta 0.8")
    page.screenshot(path=os.environ.get("EXPLORER_PICTURE", tmp_path / "page.png"), full_page=True)
    assert page.locator("select").nth(1).evaluate("menu => menu.selectedIndex") == 2
    assert page.errors == []


def test_the_command_is_copied(page):
    page.get_by_role("button", name="copy").click()
    said = page.evaluate("navigator.clipboard.readText()")
    assert said.startswith(".venv/bin/python -m meanfield run notebooks/compare.ipynb -o results/explored")


def test_another_state_is_chosen(page):
    page.locator("select").nth(1).select_option(index=0)
    expect(page.locator("table").filter(has_text="Siegert")).to_contain_text("0.0039109")


def test_it_leads_to_compare(page):
    page.get_by_text("open in compare", exact=True).click()
    with page.context.expect_page() as opened:
        page.get_by_text("results/explored/compare.ipynb", exact=True).click()
    assert opened.value.url.endswith("/lab/tree/results/explored/compare.ipynb")
