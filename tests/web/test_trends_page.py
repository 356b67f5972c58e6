"""Queries compared by month: as a chart, a table and CSV."""

from __future__ import annotations

import csv
import io
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages import arguments, link, read, text_of
from web.charts import HEIGHT, MONTH_WIDTH, make_histogram, make_lines

QUERY = "/trends?q=산업박람회&q=하노버&q="


def test_without_a_query_there_is_a_form(client: FlaskClient) -> None:
    page = read(client, "/trends")
    assert len(page.cssselect("form.compare input[name=q]")) == 5
    assert not page.cssselect(".chart")


def test_chart_table_and_csv_say_the_same(client: FlaskClient) -> None:
    page = read(client, QUERY)
    rows = [[text_of(cell) for cell in row.iter("th", "td")] for row in page.cssselect("tbody tr")]
    head = [text_of(cell) for cell in page.cssselect("thead th")]
    assert head == ["달", "산업박람회", "하노버", "모든 보도자료"]
    response = client.get(link(page, "CSV로 받기"))
    assert response.mimetype == "text/csv"
    text = response.get_data(as_text=True)
    assert text.startswith("\ufeff")
    (_, *of_file) = csv.reader(io.StringIO(text[1:]))
    months = [f"{int(month[:4])}. {int(month[5:])}." for month, *_ in of_file]
    assert [[month, *counts] for month, (_, *counts) in zip(months, of_file, strict=True)] == rows[::-1]
    lines = [line.get("points").split() for line in page.cssselect(".chart polyline")]
    assert [len(line) for line in lines] == [len(rows)] * 2
    legend = [text_of(entry) for entry in page.cssselect(".legend li")]
    for column, (entry, line) in enumerate(zip(legend, lines, strict=True), 1):
        counts = [int(row[column]) for row in of_file]
        heights = [HEIGHT - float(point.split(",")[1]) for point in line]
        peak = max(int(row[one]) for row in of_file for one in (1, 2))
        assert heights == pytest.approx([count / peak * HEIGHT for count in counts], abs=0.01)
        # Releases without a date are in the total only.
        assert int(entry.split()[-1].removesuffix("건")) >= sum(counts) > 0


def test_its_words_lead_to_their_results(client: FlaskClient) -> None:
    page = read(client, f"{QUERY}&outlet=창원특례시")
    assert arguments(link(page, "산업박람회")) == {"q": ["산업박람회"], "outlet": ["창원특례시"]}
    fields = dict(page.cssselect("form.compare")[0].fields)
    assert fields["outlet"] == "창원특례시"


def test_its_filters_are_told_and_its_dates_are_none(client: FlaskClient) -> None:
    page = read(client, f"{QUERY}&outlet=창원특례시&from=2024-01-01&sort=newest")
    assert "조건: 창원특례시" in text_of(page)
    assert arguments(link(page, "조건 빼기")) == {"q": ["산업박람회", "하노버"]}
    assert text_of(page.cssselect("thead th")[-1]) == "조건에 맞는 보도자료"
    whole = read(client, QUERY)
    month = {text_of(row[0]): int(text_of(row[-1])) for row in whole.cssselect("tbody tr")}
    for row in page.cssselect("tbody tr"):
        assert int(text_of(row[1])) <= int(text_of(row[-1])) <= month.get(text_of(row[0]), 0)
    assert arguments(link(page, "CSV로 받기")) == {"outlet": ["창원특례시"], "q": ["산업박람회", "하노버"]}


def test_a_query_that_finds_nothing_is_told(client: FlaskClient) -> None:
    page = read(client, "/trends?q=없는말")
    assert "없는말 0건: 맞는 보도자료가 없습니다" in text_of(page.cssselect(".legend")[0])
    assert not page.cssselect(".chart")
    # A misspelt query is not another one.
    assert "하노바 0건" in text_of(read(client, "/trends?q=하노바"))


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("q=가&q=나&q=다&q=라&q=마&q=바", "5개까지 견줄 수 있습니다"),
        ("q=" + "가" * 2001, "검색어가 너무 깁니다"),
        ("q=하노버&from=어제", "날짜가 아닙니다"),
    ],
)
def test_what_cannot_be_compared_is_told(client: FlaskClient, query: str, detail: str) -> None:
    for path in ("/trends", "/trends.csv"):
        assert detail in text_of(read(client, f"{path}?{query}", 400))
    assert "견줄 검색어가 없습니다" in text_of(read(client, "/trends.csv", 400))


@pytest.mark.parametrize("q", ["=1+1", "+하노버", "-하노버 창원", "@하노버", "\t=하노버"])
def test_no_query_is_a_formula_in_a_spreadsheet(client: FlaskClient, q: str) -> None:
    response = client.get("/trends.csv", query_string={"q": q})
    (head, *_) = csv.reader(io.StringIO(response.get_data(as_text=True)[1:]))
    assert head[1][0] not in "=+-@\t\r"
    assert q.strip() in head[1]


def test_the_same_query_is_compared_once(client: FlaskClient) -> None:
    assert len(read(client, "/trends?q=하노버&q=하노버 &q=%20").cssselect(".legend li")) == 1


COUNTS = st.integers(0, 10**6)


@given(st.lists(st.lists(COUNTS, min_size=7, max_size=7), min_size=1, max_size=5))
def test_lines_stay_inside_the_drawing(counts: list[list[int]]) -> None:
    for line, of_months in zip(make_lines(counts), counts, strict=True):
        points = [tuple(map(float, point.split(","))) for point in line.points.split()]
        assert [x for x, _ in points] == [MONTH_WIDTH * (index + 0.5) for index in range(7)]
        assert all(0 <= y <= HEIGHT for _, y in points)
        order = sorted(range(7), key=of_months.__getitem__)
        assert all(points[a][1] >= points[b][1] - 0.011 for a, b in pairwise(order))


@given(
    st.dictionaries(
        st.builds("{:04}-{:02}".format, st.integers(1900, 2100), st.integers(1, 12)), COUNTS, max_size=30
    )
)
def test_every_month_is_in_a_bar_and_in_its_year(months: dict[str, int]) -> None:
    chart = make_histogram(months, None, None, lambda first, last: f"{first}..{last}")
    counted = {month: count for month, count in months.items() if count}
    if len(counted) < 2:
        assert chart is None
        return
    assert chart is not None
    assert sum(bar.count for bar in chart.bars) == sum(counted.values())
    assert {
        f"{year.label}-{number:02}": count
        for year in chart.years
        for number, count in enumerate(year.months, 1)
        if count
    } == counted
    for bar in chart.bars:
        assert 0 <= bar.left <= bar.left + bar.width <= chart.width
        assert 0 <= bar.top <= HEIGHT
        assert bar.top + bar.height == pytest.approx(HEIGHT, abs=0.11)
    lefts = [bar.left for bar in chart.bars]
    assert lefts == sorted(lefts)
    assert not any(year.chosen for year in chart.years)
