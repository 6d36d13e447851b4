// Style and script of the HTML report. Colours come in two sets, for light and for dark; each pair
// of text and ground has a contrast of at least 4.5, and no state is told by colour alone.
#include "session/report_html.h"

namespace specguard::session {

const std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #dfe3e8; --text: #16202c; --soft: #5a6675;
  --passed: #12733a; --failed: #b3261e; --skipped: #566270; --not-run: #8a5300; --unknown: #6a3fa0;
  --running: #0b5cad; --passed-bg: #2da160; --failed-bg: #d6453d; --skipped-bg: #a3adba;
  --not-run-bg: #e0952b; --unknown-bg: #9a73cf; --running-bg: #3b8fe0; --code: #f0f2f5;
  --focus: #0b5cad;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10151b; --card: #19212a; --line: #2d3845; --text: #e6ebf1; --soft: #9fabb9;
    --passed: #6fd39a; --failed: #ff8d85; --skipped: #b3bdc9; --not-run: #f2b866;
    --unknown: #c9aef0; --running: #82bdf5; --passed-bg: #2c8a55; --failed-bg: #c9473f;
    --skipped-bg: #657180; --not-run-bg: #b9771d; --unknown-bg: #7f5bb5; --running-bg: #2f7cc7;
    --code: #111820; --focus: #82bdf5;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main, header > div { max-width: 1120px; margin: 0 auto; padding: 0 24px; }
header { background: var(--card); border-bottom: 1px solid var(--line); padding: 28px 0 24px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; letter-spacing: -.01em; }
h2 { font-size: 17px; margin: 36px 0 12px; }
p { margin: 0 0 8px; }
.soft { color: var(--soft); }
.path, code, pre, .time { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: 13px; overflow-wrap: anywhere; }
.banner { border-left: 4px solid var(--not-run-bg); background: var(--code); border-radius: 0 8px 8px 0;
  padding: 10px 14px; margin-top: 14px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(124px, 1fr)); gap: 10px; margin: 20px 0 16px; }
.tile { text-align: left; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-top: 4px solid var(--c, var(--line)); border-radius: 10px; padding: 10px 14px; cursor: pointer; }
.tile strong { display: block; font-size: 26px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile[aria-pressed="true"] { background: var(--code); box-shadow: inset 0 0 0 2px var(--c, var(--focus)); }
.tile.none { opacity: .55; }
.bar { display: flex; height: 10px; border-radius: 5px; overflow: hidden; background: var(--line); gap: 1px; }
.bar i { background: var(--c); min-width: 3px; }
.passed { --c: var(--passed-bg); --t: var(--passed); } .failed { --c: var(--failed-bg); --t: var(--failed); }
.skipped { --c: var(--skipped-bg); --t: var(--skipped); } .not-run, .left { --c: var(--not-run-bg); --t: var(--not-run); }
.running { --c: var(--running-bg); --t: var(--running); } .unknown { --c: var(--unknown-bg); --t: var(--unknown); }
.badge { color: var(--t); font-weight: 600; white-space: nowrap; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 0 0 12px; overflow: hidden; }
.failure { border-left: 4px solid var(--c); padding: 14px 18px; }
.failure h3 { font-size: 15px; margin: 0 0 2px; overflow-wrap: anywhere; }
.failure ul { margin: 8px 0 0; padding: 0; list-style: none; }
.failure li { padding: 4px 0; }
pre { margin: 8px 0 0; padding: 10px 12px; background: var(--code); border: 1px solid var(--line); border-radius: 6px;
  white-space: pre-wrap; max-height: 340px; overflow: auto; }
summary { cursor: pointer; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: 8px 14px; border-top: 1px solid var(--line); vertical-align: top; }
th { font-size: 13px; color: var(--soft); font-weight: 600; border-top: 0; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
th[aria-sort="ascending"] button::after { content: " \2191"; } th[aria-sort="descending"] button::after { content: " \2193"; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody tr { content-visibility: auto; }
.labels span { display: inline-block; font-size: 12px; padding: 0 7px; margin: 0 4px 2px 0; border: 1px solid var(--line);
  border-radius: 9px; color: var(--soft); }
.tools { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; margin-bottom: 12px; }
.tools input, .tools select { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: 7px 12px; }
.tools input { flex: 1 1 260px; }
.slow { display: grid; grid-template-columns: minmax(0, 1fr) 90px; gap: 2px 14px; padding: 12px 18px; }
.slow .track { grid-column: 1 / -1; height: 6px; border-radius: 3px; background: var(--line); margin-bottom: 8px; }
.slow .track i { display: block; height: 100%; border-radius: 3px; background: var(--c); min-width: 2px; }
.slow .name { overflow-wrap: anywhere; } .slow .time { text-align: right; }
.timeline { padding: 14px 18px; overflow-x: auto; }
.timeline svg { display: block; width: 100%; min-width: 560px; }
.timeline text { fill: var(--soft); font-size: 11px; } .timeline .grid { stroke: var(--line); }
.timeline rect { fill: var(--c); rx: 2px; } .timeline rect:hover { opacity: .75; }
.legend span { margin-right: 16px; white-space: nowrap; } .legend i { display: inline-block; width: 10px; height: 10px;
  border-radius: 3px; background: var(--c); margin-right: 6px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
[hidden] { display: none !important; }
.skip-link { position: absolute; left: -999px; } .skip-link:focus { left: 12px; top: 12px; background: var(--card); padding: 8px; }
footer { color: var(--soft); padding: 28px 0 44px; font-size: 13px; }
@media print { .tools, .skip-link { display: none; } body { background: #fff; } pre { max-height: none; } }
@media (max-width: 640px) { th:nth-child(4), td:nth-child(4), th:nth-child(5), td:nth-child(5) { display: none; } }
)css";

const std::string_view kPageScript = R"js(
(() => {
  'use strict';
  const rows = [...document.querySelectorAll('#tests tbody tr')];
  const search = document.getElementById('search');
  const outcome = document.getElementById('outcome');
  const shown = document.getElementById('shown');
  const tiles = [...document.querySelectorAll('.tile')];
  const texts = rows.map(row => row.textContent.toLowerCase());
  let standing = '';
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, i) => {
      const fits = (!standing || row.dataset.standing === standing) &&
        (!outcome.value || row.dataset.outcome === outcome.value) &&
        words.every(word => texts[i].includes(word));
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = count === rows.length ? `${count} tests` : `${count} of ${rows.length} tests`;
  };
  tiles.forEach(tile => tile.addEventListener('click', () => {
    standing = standing === tile.dataset.standing ? '' : tile.dataset.standing;
    tiles.forEach(t => t.setAttribute('aria-pressed', String(!!standing && t.dataset.standing === standing)));
    apply();
    document.getElementById('all').scrollIntoView();
  }));
  search.addEventListener('input', apply);
  outcome.addEventListener('change', apply);
  document.querySelectorAll('th button').forEach(button => button.addEventListener('click', () => {
    const head = button.parentElement;
    const up = head.getAttribute('aria-sort') !== 'ascending';
    document.querySelectorAll('th[aria-sort]').forEach(other => other.removeAttribute('aria-sort'));
    head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
    const column = head.cellIndex;
    const key = row => row.cells[column].dataset.key ?? row.cells[column].textContent;
    const numeric = head.classList.contains('number');
    const order = rows.map((row, i) => [row, key(row), i]).sort((a, b) =>
      (numeric ? a[1] - b[1] : a[1].localeCompare(b[1])) * (up ? 1 : -1) || a[2] - b[2]);
    const body = document.querySelector('#tests tbody');
    order.forEach(([row]) => body.append(row));
  }));
  document.querySelectorAll('.needs-script').forEach(part => { part.hidden = false; });
  apply();
})();
)js";

}  // namespace specguard::session
