"""Figures as elements of a page: plots are drawn, samples shown."""

from __future__ import annotations

from ganprobe.record.plots import Bars, Figure, Gallery, Histogram, Lines, Plot, Scatter, Shown, Spans
from ganprobe.show.reports._svg import Drawing, bars, clean, histogram, lines, scatter, spans

# Only what is in the record itself is shown: a saved audit that names an address does not make a page that fetches it.
_PNG = "data:image/png;base64,"


def element(figure: Figure) -> str:
    """The figure's plot as an element; a drawing has the title and the caption to be read aloud."""
    if isinstance(figure.plot, Gallery):
        return _gallery(figure.plot)
    return _drawing(figure.plot).svg(figure.title, figure.caption)


def _drawing(plot: Plot) -> Drawing:
    match plot:
        case Lines():
            return lines(plot)
        case Spans():
            return spans(plot)
        case Histogram():
            return histogram(plot)
        case Bars():
            return bars(plot)
        case Scatter():
            return scatter(plot)
    raise TypeError(plot)


def _gallery(gallery: Gallery) -> str:
    name, extremes = gallery.name, gallery.samples
    if all((extreme.picture or "").startswith(_PNG) for extreme in extremes):
        items = "".join(_picture(name, extreme) for extreme in extremes)
        return f'<ul class="gallery">{items}</ul>'
    columns = dict.fromkeys(column for extreme in extremes for column in extreme.numbers)
    heads = "".join(f'<th scope="col">{clean(column)}</th>' for column in ("row", "logit", *columns))
    rows = "".join(
        f'<tr><th scope="row">{extreme.row}</th><td class="number">{extreme.logit:.3g}</td>'
        + "".join(f'<td class="number">{extreme.numbers.get(column, 0):.4g}</td>' for column in columns)
        + "</tr>"
        for extreme in extremes
    )
    inside = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{name}s, the surest first">{inside}</div>'


def _picture(name: str, extreme: Shown) -> str:
    said = f"row {extreme.row}" + ("" if extreme.label is None else f", label {extreme.label}")
    image = f'<img src="{clean(extreme.picture or "")}" alt="{name}, {said}">'
    return f"<li>{image}{said}, logit {extreme.logit:.1f}</li>"
