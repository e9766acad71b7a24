"""The page: rules of accessibility read from its source, and what a browser makes of it where there is one."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from audits import audit, measurements, troubled

from ganprobe.judge import history
from ganprobe.record.audit import Audit, GateRecord
from ganprobe.record.headline import BatchRecord
from ganprobe.record.history import History
from ganprobe.record.logits import CalibrationBin, LogitRecord
from ganprobe.record.support import Extreme
from ganprobe.show import reports
from ganprobe.show.reports._sheet import SHEET

GATE = GateRecord("--max-js", 0.1, "FAIL", "JS >= 0.137 nats is above 0.1.", "Train longer.")
BINS = (CalibrationBin(0.5, 0.6, 0.3, 0.8, 6),)
FLAT = LogitRecord((-1.0, 0.0, 1.0), (1, 2), (2, 1), BINS, ((0.0, 1.0, 0.5), (1.0, 0.0, 0.2)), ((0.5, 0.5, -1.0),))
STEPS = {1000: 0.3, 2000: 0.1, 3000: 0.2}
BATCHED = BatchRecord((0.001, -0.001) * 100, (-0.001, 0.001) * 100)


def at_step(step: int, js: float) -> Audit:
    named = {"checkpoint__path": f"g_{step}.pt", "checkpoint__step": step}
    return audit(measurements(**named, js__nats=js, js__floor=js - 0.01, batches=BATCHED))


TRAINING = history.compare([at_step(step, js) for step, js in STEPS.items()])
AUDITS: dict[str, Audit | History] = {
    "history": TRAINING,
    "sound": audit(),
    "troubled": troubled(),
    "gated": dataclasses.replace(audit(), gates=(GATE,), verdict="FAIL"),
    "plane": audit(measurements(logits=FLAT)),
    "gradients alone": audit(
        measurements(js=None, probes=(), optimality=None, divergences=(), logits=None, views=(), kde=None, support=None)
    ),
    "nothing varies": audit(measurements(js__nats=0.0, js__low=0.0, js__high=0.0, js__floor=0.0)),
}
HOSTILE = "\x1b[31m\u202e<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&\n\x00\ud800"


@functools.cache
def page(name: str) -> str:
    return reports.render(AUDITS[name], "html")


class Element:
    def __init__(self, tag: str, attributes: dict[str, str | None], parent: Element | None) -> None:
        self.tag, self.attributes, self.parent = tag, attributes, parent
        self.children: list[Element] = []
        self.own = ""

    @property
    def text(self) -> str:
        return self.own + "".join(child.text for child in self.children)

    def all(self, *tags: str) -> list[Element]:
        found = [self] if self.tag in tags else []
        return found + [element for child in self.children for element in child.all(*tags)]


class _Tree(HTMLParser):
    VOID = ("meta", "img", "input", "br", "link", "hr")

    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs), self.at)
        self.at.children.append(element)
        if tag not in self.VOID:
            self.at = element

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> closes <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.children.append(Element(tag, dict(attrs), self.at))

    def handle_data(self, data: str) -> None:
        self.at.own += data


def parsed(text: str) -> Element:
    tree = _Tree()
    tree.feed(text)
    tree.close()
    assert tree.at is tree.root, f"<{tree.at.tag}> is not closed"
    return tree.root


@pytest.mark.parametrize("name", AUDITS)
def test_headings_descend_and_every_reference_has_its_target(name: str) -> None:
    root = parsed(page(name))
    levels = [int(heading.tag[1]) for heading in root.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))
    everything = [element for child in root.children for element in child.all(*_tags(page(name)))]
    identities = [e.attributes["id"] for e in everything if "id" in e.attributes]
    assert len(identities) == len(set(identities))
    for element in everything:
        if (label := element.attributes.get("aria-labelledby")) is not None:
            assert label in identities
        if element.tag == "a" and element.attributes["href"] != "#":
            assert str(element.attributes["href"]).removeprefix("#") in identities


def _tags(text: str) -> set[str]:
    return set(re.findall(r"<([a-z][a-z0-9]*)", text))


@pytest.mark.parametrize("name", AUDITS)
def test_no_two_links_of_the_contents_read_alike(name: str) -> None:
    (contents,) = parsed(page(name)).all("nav")
    links = [link.text for link in contents.all("a")]
    assert len(links) == len(set(links)) > 0


@pytest.mark.parametrize("name", AUDITS)
def test_tables_have_heads_and_pictures_have_words(name: str) -> None:
    root = parsed(page(name))
    assert root.all("html")[0].attributes["lang"] == "en"
    assert root.all("title")[0].text
    for table in root.all("table"):
        heads, *rows = table.all("tr")
        assert all(cell.attributes["scope"] == "col" and cell.text for cell in heads.children)
        for row in rows:
            assert [cell.tag for cell in row.children] == ["th"] + ["td"] * (len(heads.children) - 1)
            assert row.children[0].attributes["scope"] == "row"
            assert row.children[0].text
    for svg in root.all("svg"):
        assert svg.attributes["role"] == "img"
        assert [child.tag for child in svg.children[:2]] == ["title", "desc"]
        assert all(child.text for child in svg.children[:2])
    assert all(image.attributes.get("alt") for image in root.all("img"))


@pytest.mark.parametrize("name", AUDITS)
def test_each_plot_has_marks_within_its_frame(name: str) -> None:
    for svg in parsed(page(name)).all("svg"):
        width, height = (float(number) for number in str(svg.attributes["viewbox"]).split()[2:])
        marks = [e for e in svg.all("path", "polyline", "rect") if "mark" in str(e.attributes["class"])]
        assert marks
        numbers = [
            (float(x), float(y))
            for mark in marks
            for x, y in re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", str(mark.attributes.get("transform")))
        ]
        numbers += [
            (float(x), float(y))
            for line in svg.all("polyline", "polygon")
            for x, y in (point.split(",") for point in str(line.attributes["points"]).split())
        ]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in numbers)


def test_every_measured_part_has_its_plot() -> None:
    titles = {figure.all("h3")[0].text for figure in parsed(page("sound")).all("figure")}
    assert titles == {
        *("The ladder of probes", "Learning curve", "What is left through each view", "Logits of reals and fakes"),
        *("Reliability", "Kernel densities against the probe", "Gradient at the generator", "The probe meanwhile"),
        "JS under noise",
        *("Saturating gradient under noise", "Precision and recall", "Mass in each mode"),
        *("Reals that are least reached", "Fakes that are most off support"),
        *("The mix of labels", "JS label by label"),
    }
    flat = {figure.all("h3")[0].text for figure in parsed(page("plane")).all("figure")}
    assert "The plane as the probe sees it" in flat


@pytest.mark.parametrize("name", AUDITS)
def test_the_first_screen_asks_and_answers(name: str) -> None:
    cards = [e for e in parsed(page(name)).all("div") if e.attributes.get("class") == "card"]
    questions = [card.all("h3")[0].text.partition(" ")[0].rstrip("?") for card in cards]
    assert questions == ["How", "How", "Why", "What"] * (len(STEPS) if name == "history" else 1)
    assert all(card.all("p") and all(p.text.endswith(".") for p in card.all("p")) for card in cards)


def test_a_history_has_its_plots_and_a_panel_for_each_checkpoint() -> None:
    root = parsed(page("history"))
    assert {"Over training", "Reals reached"} <= {figure.all("h3")[0].text for figure in root.all("figure")}
    heads = [head.text for head in root.all("h2")]
    assert heads.index("What next") < heads.index("One checkpoint"), "without scrolling"
    radios = [e for e in root.all("input") if e.attributes["type"] == "radio"]
    assert ["checked" in radio.attributes for radio in radios] == [False, True, False], "the best is shown first"
    labels = {label.attributes["for"]: label.text for label in root.all("label")}
    assert [labels[radio.attributes["id"]] for radio in radios] == [str(step) for step in STEPS]
    panels = [e for e in root.all("div") if e.attributes.get("class") == "panel"]
    for panel, js in zip(panels, STEPS.values(), strict=True):
        assert f"estimate {js:.3f}" in panel.text


def test_names_from_files_stay_text() -> None:
    m = measurements(checkpoint__path=HOSTILE, checkpoint__notes=(HOSTILE,), data__path=HOSTILE)
    text = reports.render(dataclasses.replace(audit(m), command=("ganprobe", "js", HOSTILE), version=HOSTILE), "html")
    assert all(c.isprintable() or c == "\n" for c in text)
    root = parsed(text)
    assert root.all("script", "iframe", "object", "link") == []
    assert all(str(image.attributes["src"]).startswith("data:image/png;base64,") for image in root.all("img"))
    assert all(not key.startswith("on") for e in root.all(*_tags(text)) for key in e.attributes)


def test_a_picture_that_is_an_address_is_not_shown_and_numbers_are_rows() -> None:
    tracked = Extreme(0, 1.0, 1.0, None, "https://example.org/a.png", {"age": 3.0})
    text = reports.render(audit(measurements(support__missed_reals=(tracked,))), "html")
    assert "example.org" not in text
    tables = [table for table in parsed(text).all("table") if "age" in [cell.text for cell in table.all("th")]]
    assert [cell.text for cell in tables[0].all("td")] == ["1", "3"]


def test_the_page_is_small_and_fetches_nothing() -> None:
    for name in AUDITS:
        assert len(page(name).encode()) < 200_000
        assert not re.search(r'https?:|src="(?!data:image/png;base64,)|url\(|@import', page(name))
        assert "default-src 'none'" in page(name)


def test_text_stands_out_in_light_and_in_dark() -> None:
    """WCAG: 4.5 to 1 for text, 3 to 1 for what is drawn."""
    light, dark = (dict(re.findall(r"--([a-z]+): (#[0-9a-f]{3,6})", part)) for part in SHEET.split("@media screen")[:2])
    for palette in (light, dark):
        for name in ("ink", "soft", "link", "error", "warn", "info", "pass"):
            assert contrast(palette[name], palette["ground"]) >= 4.5, name
        assert min(contrast(palette[name], palette["panel"]) for name in ("ink", "soft")) >= 4.5
        for name in ("real", "fake", "third", "fourth"):
            assert contrast(palette[name], palette["ground"]) >= 3, name


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * c for c in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- in a browser ---

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = Path(os.environ.get("AXE_CORE", "no axe-core"))
in_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-quic", "--enable-logging=stderr", "--hide-scrollbars"),
)


def opened(
    folder: Path, audit: Audit | History, script: str, *, width: int = 1280, dark: bool = False, paper: bool = False
) -> tuple[Any, str]:
    """What ``script`` (an expression, may be a promise) gives in the page, and what the console said.

    The page's own policy forbids scripts, so it is taken out of the copy that is opened. For ``paper`` its rules for
    print hold on the screen.
    """
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", reports.render(audit, "html"))
    text = text.replace("@media print", "@media all") if paper else text
    probe = f"""<script>addEventListener("load", () => setTimeout(async () => {{
        const told = document.createElement("pre"); told.id = "told";
        told.textContent = JSON.stringify(await ({script})); document.body.append(told); }}))</script>"""
    path = folder / "page.html"
    path.write_text(text.replace("</body>", f"{probe}</body>"), encoding="utf-8")
    assert BROWSER is not None
    theme = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0") if dark else ()
    command = [BROWSER, *_FLAGS, *theme, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900"]
    run = subprocess.run(
        [*command, "--virtual-time-budget=5000", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    (told,) = re.findall(r'<pre id="told">(.*?)</pre>', run.stdout, re.DOTALL)
    said = "\n".join(line for line in run.stderr.splitlines() if "CONSOLE" in line)
    return json.loads(told.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")), said


_SEEN = """(() => ({
    milliseconds: performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart,
    overflow: document.documentElement.scrollWidth - innerWidth,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
    ground: getComputedStyle(document.body).backgroundColor,
    plots: [...document.querySelectorAll("svg")].map(svg => [...svg.querySelectorAll(".mark")]
        .filter(m => m.getBoundingClientRect().width > 1).length)}))()"""


@in_browser
@pytest.mark.parametrize(("width", "dark"), [(1280, False), (400, True)])
def test_a_browser_shows_it_without_a_word(tmp_path: Path, width: int, dark: bool) -> None:
    seen, said = opened(tmp_path, troubled(), _SEEN, width=width, dark=dark)
    assert said == ""
    assert seen["overflow"] <= 0
    assert seen["plots"]
    assert min(seen["plots"]) > 0
    assert seen["milliseconds"] < 1_000
    assert seen["dark"] == dark
    assert seen["ground"] == ("rgb(20, 23, 27)" if dark else "rgb(255, 255, 255)")


_PRINTED = """(() => { const shown = (name) => [...document.querySelectorAll(name)].filter(e => e.offsetHeight > 0);
    const columns = [...shown(".plots"), ...shown(".cards")]
        .map(e => getComputedStyle(e).gridTemplateColumns.split(" ").length);
    return [...["nav", "input", ".panel"].map(name => shown(name).length), Math.max(...columns)]; })()"""


@in_browser
def test_on_paper_there_is_nothing_to_click_and_plots_stand_in_pairs(tmp_path: Path) -> None:
    """What the rules for print ask for, asked of a screen; then that a browser can make pages of it."""
    assert opened(tmp_path, TRAINING, _PRINTED)[0][:3] == [1, len(STEPS), 1]
    seen, said = opened(tmp_path, TRAINING, _PRINTED, paper=True)
    assert (seen, said) == ([0, 0, 1, 2], "")
    assert BROWSER is not None
    printed = tmp_path / "page.pdf"
    command = [BROWSER, *_FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--print-to-pdf={printed}"]
    subprocess.run([*command, (tmp_path / "page.html").as_uri()], capture_output=True, timeout=120, check=True)
    assert len(re.findall(rb"/Type /Page\n", printed.read_bytes())) > 1


_SLID = """(() => { const shown = () => [...document.querySelectorAll(".panel")].map(p => p.offsetHeight > 0);
    const before = shown(); document.querySelectorAll("[type=radio]")[2].click(); return [before, shown()]; })()"""


@in_browser
def test_the_slider_goes_from_checkpoint_to_checkpoint(tmp_path: Path) -> None:
    shown, said = opened(tmp_path, TRAINING, _SLID)
    assert shown == [[False, True, False], [False, False, True]]
    assert said == ""


@in_browser
@pytest.mark.skipif(not AXE.is_file(), reason="AXE_CORE does not name axe.min.js of axe-core")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", ["sound", "troubled", "history"])
def test_axe_finds_nothing(tmp_path: Path, name: str, dark: bool) -> None:
    script = (
        f"(async () => {{ {AXE.read_text(encoding='utf-8')}; const found = await axe.run(document);"
        "return found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html)]); })()"
    )
    violations, _ = opened(tmp_path, AUDITS[name], script, dark=dark)
    assert violations == []
