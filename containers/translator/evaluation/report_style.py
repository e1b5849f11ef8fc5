"""The report's style sheet: it stands in the file itself, so that the report works without a network."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light; --ink: #1c2430; --soft: #5d6878; --line: #dfe4ea; --paper: #fff; --ground: #f4f6f8;
  --true: #1d5fd1; --right: #14804a; --wrong: #c8321f; --aside: #8a6d1d; --miss: #fde3df; --plus: #dff3e6;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
:lang(ja), :lang(zh), :lang(ko) {
  font-family: "Hiragino Sans", "Noto Sans CJK JP", "Noto Sans JP", "Yu Gothic", Meiryo, system-ui, sans-serif;
}
main { max-width: 1360px; margin: 0 auto; padding: 28px 24px 80px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -.01em; }
h2 { font-size: 17px; margin: 0 0 12px; }
h3 { font-size: 16px; margin: 0; }
p.meta { margin: 0 0 22px; color: var(--soft); }
.cards { display: grid; grid-template-columns: 1.15fr 1fr; gap: 16px; align-items: start; }
.cards > div { display: grid; gap: 16px; }
.card, .page { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tr:last-child td { border-bottom: 0; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.yes { color: var(--right); font-weight: 600; } .no { color: var(--wrong); font-weight: 600; }
.soft { color: var(--soft); } .small { font-size: 13px; }
.bar { height: 8px; border-radius: 4px; background: var(--wrong); opacity: .75; min-width: 2px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chip { border: 1px solid var(--line); border-radius: 6px; padding: 1px 8px; background: var(--ground);
  white-space: nowrap; }
.chip b { font-weight: 600; color: var(--wrong); }
a.chip { color: inherit; text-decoration: none; } a.chip:hover { border-color: var(--soft); }
nav { position: sticky; top: 0; z-index: 5; background: var(--ground); padding: 12px 0; margin-top: 20px;
  display: flex; flex-wrap: wrap; gap: 18px; align-items: center; border-bottom: 1px solid var(--line); }
nav label { display: inline-flex; gap: 6px; align-items: center; cursor: pointer; }
.key { display: inline-block; width: 18px; height: 12px; border: 2px solid; border-radius: 2px; }
.page { margin-top: 20px; scroll-margin-top: 60px; }
.page header { display: flex; flex-wrap: wrap; gap: 6px 12px; align-items: baseline; margin-bottom: 12px; }
.sheet { display: grid; grid-template-columns: minmax(0, 600px) minmax(360px, 1fr); gap: 24px; align-items: start; }
.sheet > div:last-child { position: sticky; top: 64px; padding-left: 4px;
  max-height: calc(100vh - 80px); overflow-y: auto; }
.view { position: relative; border: 1px solid var(--line); line-height: 0; }
.view img { width: 100%; height: auto; display: block; }
.view svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.true { stroke: var(--true); } .right { stroke: var(--right); } .wrong { stroke: var(--wrong); }
.aside { stroke: var(--aside); }
rect.box { fill: none; } rect.found { fill-opacity: .08; } rect.right { fill: var(--right); }
rect.wrong { fill: var(--wrong); }
.tag.true { fill: var(--true); } .tag.right { fill: var(--right); }
.tag.wrong { fill: var(--wrong); } .tag.aside { fill: var(--aside); }
.tag { stroke: #fff; }
.view text { fill: #fff; font-weight: 600; font-family: system-ui, sans-serif; text-anchor: middle; }
.trail { fill: none; stroke: var(--soft); stroke-opacity: .55; }
.texts td { padding: 6px 10px 6px 0; } .texts .words { width: 100%; overflow-wrap: anywhere; }
.texts tr.bad td:first-child { box-shadow: -4px 0 var(--wrong); }
.words div { display: flex; gap: 8px; }
.words small { flex: 0 0 54px; color: var(--soft); font: 12px/1.9 system-ui, sans-serif; }
mark { border-radius: 3px; padding: 0 1px; color: inherit; }
mark.lost { background: var(--miss); text-decoration: underline; text-decoration-color: var(--wrong); }
mark.added { background: var(--plus); text-decoration: underline; text-decoration-color: var(--right); }
.plot { display: flex; flex-wrap: wrap; gap: 20px; } .plot > div { flex: 1; }
.plot svg { overflow: visible; flex: none; margin: 4px; } .plot circle { fill: var(--true); fill-opacity: .7; }
.kind { white-space: nowrap; font-size: 13px; } .kind b { font-weight: 600; }
.flag { background: #fff3cd; border: 1px solid #eddc9c; border-radius: 5px; padding: 0 6px; font-size: 12px; }
body:has(#show-true:not(:checked)) .layer-true, body:has(#show-found:not(:checked)) .layer-found,
body:has(#show-order:not(:checked)) .layer-order, body:has(#only-errors:checked) .page.clean,
body:has(#only-wrong:checked) .texts tr:not(.bad) { display: none; }
@media (max-width: 900px) { .cards, .sheet { grid-template-columns: minmax(0, 1fr); } nav { position: static; } }
@media print { nav { display: none; } .sheet > div:last-child { position: static; max-height: none; }
  .page { break-inside: avoid; } }
"""
