"""The style sheet of the page: light, dark, narrow and printed."""

from __future__ import annotations

# Colours differ in lightness as well as in hue, and stand out against their ground by 4.5 to 1 where they are text.
SHEET = """
:root { color-scheme: light dark; --ground: #fff; --panel: #f5f6f8; --ink: #16191d; --soft: #4c535c; --rule: #d5d9df;
  --link: #0b57a4; --real: #0063a8; --fake: #b44600; --third: #007a5c; --fourth: #8a3f86; --track: #e3e6ea;
  --certified: #7fb2dc; --error: #b3141c; --warn: #8a5300; --info: #0b5f74; --pass: #1b6e34; }
@media screen and (prefers-color-scheme: dark) { :root { --ground: #14171b; --panel: #1d2126; --ink: #eceef1;
  --soft: #b1b8c1; --rule: #3a414a; --link: #7ab8f5; --real: #62b0f0; --fake: #f0964d; --third: #3ecfa4;
  --fourth: #dd93d8;
  --track: #2b3138; --certified: #2c5f8d; --error: #ff8a8a; --warn: #f0b45a; --info: #6cc7de; --pass: #6fd08c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 0 1.25rem 3rem; max-width: 75rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
a { color: var(--link); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--ground); padding: .3rem .6rem; }
header p { margin: 1.2rem 0 0; color: var(--soft); }
h1 { margin: 0 0 .6rem; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.4rem 0 .8rem; font-size: 1.25rem; line-height: 1.3; border-top: 1px solid var(--rule);
  padding-top: 1rem; }
h3 { margin: 0 0 .3rem; font-size: 1rem; }
.unseen { position: absolute; left: -99rem; }
.verdict { display: inline-block; margin: 0; padding: .1rem .6rem; border: 2px solid; border-radius: .4rem; }
.verdict.pass { color: var(--pass); } .verdict.fail { color: var(--error); }
.verdict.inconclusive { color: var(--warn); }
.strip { max-width: 36rem; }
.key { margin: 0 0 1.2rem; color: var(--soft); font-size: .85rem; }
.key span { display: inline-block; vertical-align: middle; margin: 0 .3rem 0 .8rem; }
.key .swatch { width: 1.3rem; height: .8rem; background: var(--certified); margin-left: 0; }
.key .dot { width: .7rem; height: .7rem; border-radius: 50%; background: var(--real); }
.key .dash { width: 0; height: 1rem; border-left: 2px dashed var(--ink); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: 1rem; }
.card { background: var(--panel); border-radius: .5rem; padding: .8rem 1rem; }
.card p { margin: .3rem 0 0; } .card p:nth-of-type(n+2) { color: var(--soft); font-size: .93rem; }
.later { margin-top: 1.4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: 1.6rem 0 0; padding: 0; list-style: none; }
.plots + .scroll { margin-top: 1rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.2rem;
  align-items: start; }
figure { margin: 0; max-width: 36rem; min-width: 0; }
figcaption { color: var(--soft); font-size: .88rem; }
svg { display: block; width: 100%; height: auto; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--rule);
  font-variant-numeric: tabular-nums; }
td:not(.number) { min-width: 6.5rem; max-width: 34rem; overflow-wrap: break-word; }
thead th { color: var(--soft); font-weight: 600; white-space: nowrap; } tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.notes { margin: 0; padding: 0; list-style: none; display: grid; gap: .7rem; }
.notes li { border-left: .3rem solid; padding: .1rem 0 .1rem .8rem; color: var(--info); }
.notes p { margin: 0; color: var(--ink); } .notes p + p { color: var(--soft); }
.notes .error, .notes .fail { color: var(--error); } .notes .warn, .notes .inconclusive { color: var(--warn); }
.notes .pass { color: var(--pass); } .notes .mark-word { color: var(--info); }
.error .mark-word, .fail .mark-word { color: var(--error); } .pass .mark-word { color: var(--pass); }
.warn .mark-word, .inconclusive .mark-word { color: var(--warn); }
.slider > input { margin: .2rem .3rem .2rem 0; } .slider > label { margin-right: 1.1rem; }
.panel { display: none; } .slider > .panel { margin-top: 1rem; } .panel .notes { margin-top: 1.4rem; }
.gallery { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0; padding: 0; list-style: none; }
.gallery li { width: 5.5rem; font-size: .8rem; color: var(--soft); }
.gallery img { width: 100%; image-rendering: pixelated; border: 1px solid var(--rule); display: block; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
svg text { fill: var(--soft); font-size: 11px; font-family: inherit; }
svg .label { fill: var(--ink); } svg .strong { fill: var(--ink); font-size: 13px; font-weight: 600; }
svg .note { font-size: 10.5px; }
.grid { stroke: var(--rule); stroke-width: 1; }
.level { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 5 4; }
.guess { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 4 3; }
.track { fill: var(--track); } .certified { fill: var(--certified); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; } .span { stroke-width: 3; } .band, .fill { opacity: .18; }
.floor { fill: none; stroke: var(--ink); stroke-width: 2; }
.mark { stroke: var(--ground); stroke-width: .6; } .bar { stroke: none; }
.line.series-0, .span.series-0, .line.real { stroke: var(--real); }
.line.series-1, .span.series-1, .line.fake { stroke: var(--fake); }
.line.series-2 { stroke: var(--third); } .line.series-3 { stroke: var(--fourth); }
.line.series-1, .line.fake { stroke-dasharray: 7 3; } .line.series-2 { stroke-dasharray: 2 3; }
.line.series-3 { stroke-dasharray: 9 3 2 3; } .line.ideal { stroke: var(--soft); stroke-dasharray: 5 4; }
.mark.series-0, .band.series-0, .fill.real, .mark.real, .bar.real { fill: var(--real); }
.mark.series-1, .band.series-1, .fill.fake, .mark.fake, .bar.fake { fill: var(--fake); }
.mark.series-2, .band.series-2 { fill: var(--third); } .mark.series-3, .band.series-3 { fill: var(--fourth); }
.mark.ideal { fill: none; stroke: none; }
@media (max-width: 40rem) { body { padding: 0 .9rem 2rem; } table { font-size: .82rem; }
  th, td { padding-right: .5rem; } td:not(.number) { min-width: 5rem; } }
@media print { :root { color-scheme: light; font-size: 9.5pt; } body { max-width: none; padding: 0; }
  figure, li, tr, .card, h2, h3 { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .plots, .cards { grid-template-columns: repeat(2, minmax(0, 1fr)); } .plots > .scroll { grid-column: 1 / -1; }
  .key span { print-color-adjust: exact; }
  nav, .skip, .slider > input, .slider > label { display: none; } .scroll { overflow: visible; } }
"""
