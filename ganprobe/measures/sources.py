"""Where both sides came from and what their files would give away, before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ganprobe.inputs import artefacts
from ganprobe.measures.study import Study
from ganprobe.samples.sides import Exported

# Rows of each side that inspection looks at.
_INSPECTED_ROWS = 20_000


def measure(study: Study) -> dict[str, Any]:
    """The records of both sides, the artefacts, and the path that the fakes took to common units."""
    data, drawn = study.data, study.drawn
    inspected = artefacts.Inspected(
        data.values[:_INSPECTED_ROWS],
        drawn.path.as_held(drawn.fake_raw[:_INSPECTED_ROWS]),
        data.kind,
        data.columns,
        data.full_range,
        drawn.path.rescales,
        data.gauge,
    )
    of_fakes = study.source.found if isinstance(study.source, Exported) else ()
    record = study.source.record
    return {
        "checkpoint": replace(record, notes=(*record.notes, *filter(None, [drawn.thinned]))),
        "data": data.record,
        "artefacts": (*artefacts.detect_all(inspected), *artefacts.of_reading(data.found, of_fakes)),
        "output_path": drawn.path.steps,
        "headline_view": drawn.headline_view,
        "headline_settings": drawn.view.settings,
        "dependence": drawn.kin.record,
    }
