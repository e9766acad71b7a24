from __future__ import annotations

from audits import MEASUREMENTS, measurements

from ganprobe.record import views
from ganprobe.record.bound import Bound
from ganprobe.record.views import ViewRecord


def column(name: str, js: float) -> ViewRecord:
    return ViewRecord("columns", Bound(js, js, js, js), {"keep": name})


def test_of_single_columns_the_worst_are_shown_and_the_rest_counted() -> None:
    shown = {f"c{i}": i / 100 for i in range(7)}
    pair = column("c0,c1", 0.001)
    (table,) = views.tables(measurements(views=(*(column(name, js) for name, js in shown.items()), pair)))
    assert [row[0] for row in table.rows] == [*(f"columns keep=c{i}" for i in range(2, 7)), "columns keep=c0,c1"]
    assert table.title.endswith("; 2 columns that show less are in the record")
    assert not views.tables(MEASUREMENTS)[0].title.endswith("record")


def test_each_step_of_a_chain_is_called_with_what_was_set_of_it() -> None:
    settings = {"blur.sigma": 1.0, "blocks.size": 4, "blur#2.sigma": 3.0, "blocks.how": ""}
    assert views.view_label("blur+blocks+blur", settings) == "blur sigma=1.0 + blocks size=4 + blur sigma=3.0"
    assert views.view_label("blocks", {"size": 4}) == "blocks size=4"


def test_the_ceiling_is_drawn_where_a_row_comes_near_it() -> None:
    (low,) = views.figures(MEASUREMENTS)
    (high,) = views.figures(measurements(views=(ViewRecord("raw", Bound(0.69, 0.68, 0.693, 0.67)),)))
    assert low.plot.limit is None
    assert high.plot.limit[0] == "log 2"
