"""report.html: one file that needs nothing else, and shows what is in the data set and what is not."""

import base64
import io
import json
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from tracekit.build.overlaps import overlaps
from tracekit.build.recipe_file import load_recipe
from tracekit.build.report import _filters
from tracekit.build.run import Workers, build

EVIL = "<script>alert(1)</script>"
RECIPE = """\
name: toy-casts
source: {kind: casts, paths: [casts]}
look: {font_size_px: 6}
split: {validation_fraction: 0.5}
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    (folder / "casts").mkdir()
    header = json.dumps({"version": 2, "width": 20, "height": 4, "title": EVIL})
    for number in range(20):
        events = [json.dumps([second, code, f"{EVIL} {number}\r\n"]) for second in range(8) for code in "oi"]
        (folder / "casts" / f"{number}.cast").write_text("\n".join([header, *events]))
    (folder / "casts" / "a <b> &.cast").write_text(f"no cast {EVIL}")
    (folder / "recipe.yaml").write_text(RECIPE)
    build(load_recipe(folder / "recipe.yaml"), str(folder / "out"), Workers(0))
    return (folder / "out" / "report.html").read_text()


def test_text_of_recordings_is_text_and_no_markup(page: str) -> None:
    assert "<script" not in page
    assert "a &lt;b&gt; &amp;.cast" in page


def test_the_page_asks_for_nothing_from_elsewhere(page: str) -> None:
    assert not re.findall(r"""(?:src|href)=["'](?!data:)[^"']*""", page)
    assert "@import" not in page
    assert "url(" not in page


def test_every_element_that_is_opened_is_closed(page: str) -> None:
    class Balance(HTMLParser):
        open: tuple[str, ...] = ()

        def handle_starttag(self, tag: str, attributes: object) -> None:
            if tag not in {"meta", "img"}:
                self.open += (tag,)

        def handle_startendtag(self, tag: str, attributes: object) -> None: ...

        def handle_endtag(self, tag: str) -> None:
            assert self.open[-1:] == (tag,)
            self.open = self.open[:-1]

    parser = Balance()
    parser.feed(page)
    assert parser.open == ()


def test_clips_are_pictured_as_the_heading_says(page: str) -> None:
    articles = re.findall(r'<article class="clip">.*?</article>', page, re.DOTALL)
    assert 0 < len(articles) <= 16
    assert f"<h2>{len(articles)} of the clips</h2>" in page
    for article in articles:
        pictures = re.findall(r'src="data:image/png;base64,([^"]*)"', article)
        assert len(pictures) == 3
        for picture in pictures:
            with Image.open(io.BytesIO(base64.b64decode(picture))) as image:
                image.load()


def test_what_is_not_in_the_data_set_is_listed_with_the_reason(page: str) -> None:
    rejected = page[page.index("What is not in the data set") :]
    assert "<td>not-a-cast</td>" in rejected


def test_what_two_filters_are_both_against_is_shown_by_pairs() -> None:
    verdicts = [
        {"decisions": [{"filter": "<b>", "keep": False}, {"filter": "size", "keep": size}], "reason": "<b>"}
        for size in (False, False, True)
    ]
    shown = "".join(_filters(overlaps(verdicts)))
    assert [int(count) for count in re.findall(r"<td style=[^>]*>(\d+)</td>", shown)] == [3, 2, 2, 2]
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
