"""Charts: options are plain and honest, drawings carry nothing that a page forbids, and failing costs the picture."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask

from app.web.charts import engine, sketches
from app.web.charts.drawing import PRINT_COLOURS, draw
from app.web.charts.sketches import NARROW, WIDE, Column, Dot, Period

HOSTILE = "</svg><script>alert(1)</script><a href='https://evil.example' style='x:url(https://evil.example)'>{c}"
POINTS = (-100.0, 100.0)


@pytest.fixture(autouse=True)
def fresh_engine() -> Iterator[None]:
    yield
    engine._rendered.cache_clear()
    engine._forget()


def _lines(sketch: sketches.Sketch) -> list[Any]:
    return [series["data"] for series in sketch.option["series"] if series["type"] == "line"]


def _texts(svg: str | None) -> list[str]:
    assert svg is not None
    return [
        "".join(element.itertext()) for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    ]


def test_nobody_answered_is_a_gap_and_no_line() -> None:
    sketch = sketches.trend([Period("a", 10, 0, 20), Period("b", None), Period("c", 30, 20, 40)], POINTS, WIDE)
    (line,) = _lines(sketch)
    assert [point["value"] for point in line] == [10, "-", 30]
    assert sketch.option["series"][0]["data"] == [[0, 0, 20], [2, 20, 40]]
    assert "connectNulls" not in json.dumps(sketch.option)


def test_a_dot_on_few_answers_is_hollow() -> None:
    (line,) = _lines(sketches.trend([Period("a", 10, is_low_base=True), Period("b", 20)], POINTS, WIDE))
    assert [point["itemStyle"]["color"] for point in line] == ["var(--chart-ground)", "var(--chart-line)"]


def test_what_stands_out_has_a_shape_of_its_own() -> None:
    (line,) = _lines(sketches.trend([Period("a", 10, stands_out=True), Period("b", 20)], POINTS, WIDE))
    assert [point.get("symbol") for point in line] == ["diamond", None]


@pytest.mark.parametrize(
    ("usual", "target", "lines"),
    [(None, None, []), ((-20, 60), None, [-20, 60]), ((-140, 60), 80, [60, 80]), ((-140, 140), None, [])],
)
def test_the_usual_range_is_drawn_as_far_as_the_scale_reaches(usual: Any, target: Any, lines: Any) -> None:
    option = sketches.trend([Period("a", 10)], POINTS, WIDE, target=target, usual=usual).option
    assert [line["yAxis"] for line in option["series"][1].get("markLine", {"data": []})["data"]] == lines
    assert all(option["yAxis"]["min"] <= line <= option["yAxis"]["max"] for line in lines)


@pytest.mark.parametrize(
    ("values", "target", "drawn"),
    [
        ([(10, 2, 22)], None, (0, 50)),
        ([(10, 2, 22)], 60, (0, 100)),
        ([(-8, -30, 14)], None, (-50, 50)),
        ([(100, 100, 100)], None, (50, 100)),
        ([(-100, -100, -100)], None, (-100, -50)),
        ([(0, 0, 0)], None, (0, 50)),
        ([], None, (-100, 100)),
    ],
)
def test_a_small_move_does_not_look_like_a_large_one(values: Any, target: float | None, drawn: Any) -> None:
    sketch = sketches.trend([Period("a", *value) for value in values], POINTS, WIDE, target=target)
    assert (sketch.option["yAxis"]["min"], sketch.option["yAxis"]["max"]) == drawn


def test_target_and_floor_are_lines_inside_what_is_drawn() -> None:
    sketch = sketches.trend([Period("a", 60, 55, 65)], POINTS, WIDE, target=80, floor=-20)
    assert (sketch.option["yAxis"]["min"], sketch.option["yAxis"]["max"]) == (-50, 100)
    target, floor = sketch.option["series"][1]["markLine"]["data"]
    assert (floor["yAxis"], floor["lineStyle"]["type"]) == (-20, "dotted")
    assert (target["yAxis"], target["lineStyle"]["type"]) == (80, "dashed")
    assert all("markLine" not in series for series in sketches.trend([], POINTS, WIDE).option["series"])


def test_what_can_be_followed_lies_on_its_point() -> None:
    periods = [
        Period("a", 0, url="/a", words="a: 0"),
        Period("b", None, url="/b"),
        Period("c", 50, url="/c", words="c"),
    ]
    spots = sketches.trend(periods, POINTS, WIDE).spots
    assert [(spot.url, round(spot.x), round(spot.y)) for spot in spots] == [("/a", 152, 220), ("/c", 584, 16)]


def test_what_lies_too_close_for_a_finger_is_followed_from_the_table() -> None:
    periods = [Period(str(month), 0, url=f"/{month}") for month in range(12)]
    assert len(sketches.trend(periods, POINTS, WIDE).spots) == 12
    assert len(sketches.trend(periods, POINTS, NARROW).spots) < 12


def test_the_limits_of_a_funnel_are_those_of_the_method() -> None:
    sketch = sketches.funnel([Dot(10, 70), Dot(1000, 70)], 70, 25, 0, (0, 100), WIDE)
    curves = _lines(sketch)[:4]
    at_ten = [curve[0][1] for curve in curves if curve[0][0] == 10]
    assert [round(value, 2) for value in at_ten] == [85.5, 54.5, 94.43, 45.57]
    assert all(0 <= value <= 100 for curve in curves for _n, value in curve)


def test_one_own_dot_stands_out_and_the_others_have_no_name() -> None:
    text = json.dumps(
        sketches.funnel([Dot(10, 70), Dot(20, 60, True, "Own", "/own")], 70, 25, 0, (0, 100), WIDE).option
    )
    assert "Own" not in text
    assert json.loads(text)["series"][-1]["data"] == [[20, 60]]


def _every() -> list[tuple[str, Any]]:
    periods = [Period(HOSTILE, 10, 0, 20), Period("五月", -30, -40, -20), Period("", None)]
    columns = [Column(HOSTILE, 3, "low"), Column("满意", 0), Column("5", 40, "high")]
    dots = [Dot(1, 0), Dot(1, 100), Dot(600, 75, True, HOSTILE, "/own")]
    return [
        ("trend", lambda size: sketches.trend(periods, POINTS, size, target=40, floor=0)),
        ("distribution", lambda size: sketches.distribution(columns, size)),
        ("funnel", lambda size: sketches.funnel(dots, 76, 42, 2, (0, 100), size, " %")),
        ("no period", lambda size: sketches.trend([], POINTS, size)),
        ("no column", lambda size: sketches.distribution([], size)),
        ("no dot", lambda size: sketches.funnel([], 0, 0, 0, (0, 100), size)),
    ]


@pytest.mark.parametrize(("_name", "sketch"), _every(), ids=lambda value: value if isinstance(value, str) else "")
def test_a_drawing_is_well_formed_and_brings_nothing_foreign(_name: str, sketch: Any) -> None:
    for picture in (draw(sketch).wide, draw(sketch).narrow):
        assert picture.svg is not None
        root = ElementTree.fromstring(str(picture.svg))
        assert root.get("viewBox") == f"0 0 {picture.size.width} {picture.size.height}"
        for element in root.iter():
            assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in engine._KEPT_ELEMENTS
            assert set(element.attrib) <= engine._KEPT_ATTRIBUTES
            assert not [value for value in element.attrib.values() if "url(" in value or "http" in value]


def test_chinese_and_hostile_labels_are_words() -> None:
    texts = _texts(draw(_every()[1][1]).wide.svg)
    assert "满意" in texts
    assert any(text.startswith("</svg><script>") for text in texts)


def test_a_number_below_zero_has_a_true_minus() -> None:
    texts = _texts(draw(_every()[0][1]).wide.svg)
    assert "−50" in texts and "-50" not in texts


def test_on_paper_every_colour_is_written_out() -> None:
    for _name, sketch in _every():
        printed = str(draw(sketch).for_print)
        assert "var(" not in printed
        assert "var(" not in str(draw(sketch).wide.svg) or set(PRINT_COLOURS.values()) & set(printed.split('"'))


def test_every_colour_of_paper_is_one_of_the_page() -> None:
    styles = Path(__file__).parents[2].joinpath("frontend/styles/charts.css").read_text("utf-8")
    assert {name for name in PRINT_COLOURS if f"--chart-{name}:" not in styles} == set()


@pytest.mark.parametrize(
    "bundle", ["throw new Error('no')", "globalThis.drawChart = () => { for (;;) {} }", "broken ("]
)
def test_a_failure_costs_the_picture_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, bundle: str, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "charts.js").write_text(bundle)
    monkeypatch.setattr(engine, "MOST_SECONDS", 0.2)
    engine._forget()
    with monkeypatch.context() as patch:
        patch.setattr(engine, "BUNDLE", tmp_path / "charts.js")
        drawing = draw(_every()[0][1])
    assert not drawing.is_drawn and drawing.for_print is None
    assert "could not be drawn" in caplog.text
    with app.test_request_context():
        macro = app.jinja_env.get_template("components/chart.html").module.chart
        text = str(macro("NPS", "Words", drawing, caller=lambda: "the table"))
    assert '<details class="chart-table" open>' in text and "the table" in text and "<svg" not in text
    assert draw(_every()[0][1]).is_drawn


def test_it_does_not_matter_which_thread_draws() -> None:
    found: list[str | None] = []
    threads = [
        threading.Thread(target=lambda: found.append(engine.render(_every()[1][1](WIDE).option, 300, 200)))
        for _ in "abcd"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1 and None not in found


def test_a_child_of_a_fork_makes_an_interpreter_of_its_own() -> None:
    assert engine.render({"series": []}, 100, 100)
    mine = engine._made
    child = os.fork()
    if not child:
        engine._rendered.cache_clear()
        drawn = engine.render({"series": []}, 100, 100)
        os._exit(0 if drawn and engine._made is not mine and engine._made[0] == os.getpid() else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_no_browser_is_handed_what_draws() -> None:
    from app.web.assets import STATIC_ROOT

    assert engine.BUNDLE.is_file()
    assert STATIC_ROOT not in engine.BUNDLE.parents
