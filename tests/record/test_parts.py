"""What every part keeps: tables whose rows fill their columns, and nothing said of what was not measured."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from audits import MEASURED, MEASUREMENTS, troubled

import ganprobe
from ganprobe.record import parts
from ganprobe.record.audit import Measurements

RECORDS = {"sound": MEASUREMENTS, "troubled": troubled().measurements}
ALWAYS = ("checkpoint", "data", "artefacts", "output_path", "headline_view")
BARE = Measurements.of({name: MEASURED[name] for name in ALWAYS})


@pytest.mark.parametrize("record", RECORDS)
def test_every_row_fills_its_columns_and_no_two_tables_have_one_name(record: str) -> None:
    tables = [*parts.tables(RECORDS[record])]
    assert len({table.name for table in tables}) == len(tables)
    for table in tables:
        assert {len(row) for row in table.rows} <= {len(table.columns)}, table.name


@pytest.mark.parametrize("name", parts.PARTS)
def test_a_part_that_was_not_measured_says_nothing(name: str) -> None:
    part = parts.PARTS[name]
    assert [row for table in getattr(part, "tables", list)(*given(part, "tables")) for row in table.rows] == []
    for verb in ("summary", "figures"):
        assert [*getattr(part, verb, list)(*given(part, verb))] == []


def given(part: object, verb: str) -> tuple[Measurements, ...]:
    return (BARE,) if hasattr(part, verb) else ()


@pytest.mark.parametrize("name", parts.PARTS)
def test_figures_stand_beside_a_table(name: str) -> None:
    part = parts.PARTS[name]
    for figure in part.figures(MEASUREMENTS) if hasattr(part, "figures") else ():
        assert (figure.beside or name) in {table.name for table in parts.tables(MEASUREMENTS)}
        assert figure in parts.figures(MEASUREMENTS, figure.beside or name)


@pytest.mark.parametrize("name", parts.MEASURED)
def test_what_is_measured_on_demand_has_a_measure_of_its_name(name: str) -> None:
    home = Path(ganprobe.__file__).parent / "measures"
    (file,) = (file for file in (home / f"{name}.py", home / name / "__init__.py") if file.is_file())
    text = file.read_text(encoding="utf-8")
    assert re.search(r'^NEEDS = "(probes|samples|generator)"$', text, re.MULTILINE)
    assert "\ndef measure(study: Study) -> " in text
