#include "experiments/review/style.hpp"

namespace nines::experiments::review {

std::string_view style_sheet() {
  // Colours of series: Okabe and Ito, told apart by whoever sees few; lighter ones on dark ground.
  return R"css(
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--quiet:#57606a;--line:#d0d7de;--soft:#f3f5f7;--good:#0a6b4f;--bad:#a33b00;--open:#6b4f00;
--s0:#0072b2;--s1:#d98c00;--s2:#009e73;--s3:#d55e00;--s4:#56b4e9;--s5:#cc79a7;--s6:#b8a800;--s7:#8c959f}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--quiet:#9da7b3;--line:#343b44;--soft:#161b22;--good:#4fd1a5;--bad:#ff9b66;--open:#f0c75e;
--s0:#4aa8e0;--s1:#e69f00;--s2:#2fc495;--s3:#ff8040;--s4:#8ccdf2;--s5:#dd9cc0;--s6:#d8ca30;--s7:#9da7b3}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main,header,footer,nav{max-width:70rem;margin:0 auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.25;margin:1.5rem 0 .25rem}
h2{font-size:1.2rem;margin:2.2rem 0 .5rem;padding-top:.6rem;border-top:1px solid var(--line)}
p,ul{margin:.5rem 0;max-width:48rem}
.subtitle,.note,footer,caption{color:var(--quiet)}
a{color:inherit}
a:focus-visible,summary:focus-visible,button:focus-visible,.chart:focus-visible,.wide:focus-visible{outline:3px solid var(--s0);outline-offset:2px}
.skip{position:absolute;left:-999rem}.skip:focus{position:static}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.2rem 1rem;max-width:none}
nav a{display:inline-block;padding:.15rem 0}
.verdict{border-left:.4rem solid var(--line);padding:.4rem .9rem;margin:.8rem 0;background:var(--soft)}
.verdict strong{letter-spacing:.04em}
.good{border-color:var(--good)}.bad{border-color:var(--bad)}.open{border-color:var(--open)}
.good strong,.good .value{color:var(--good)}.bad strong,.bad .value{color:var(--bad)}.open strong,.open .value{color:var(--open)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.8rem;margin:1rem 0}
.card{border:1px solid var(--line);border-radius:.4rem;padding:.7rem .9rem}
.label{font-size:.9rem;color:var(--quiet);font-weight:600}
.value{font-size:1.35rem;font-weight:650;line-height:1.25;margin:.2rem 0}
.card p{margin:.2rem 0 0;font-size:.9rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem;margin:.5rem 0}
caption{text-align:left;padding:.2rem 0;font-size:.92rem}
th,td{padding:.3rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
td.w{overflow-wrap:anywhere;min-width:9rem}td.w code{font-size:.85em}
th{font-weight:600}thead th{vertical-align:bottom}
.n{text-align:right;font-variant-numeric:tabular-nums}
td.n,th.k{white-space:nowrap}
td.d{min-width:6.5rem;width:18%}
th button{font:inherit;background:none;color:inherit;border:0;padding:.1rem 0;min-height:1.5rem;cursor:pointer;text-decoration:underline dotted}
svg.row{display:block;width:100%;height:1.15rem}.tall svg.row{height:2.6rem}
.ground{fill:var(--line)}.ink{fill:var(--ink)}.differs{fill:var(--bad)}
.s0{fill:var(--s0);stroke:var(--s0)}.s1{fill:var(--s1);stroke:var(--s1)}.s2{fill:var(--s2);stroke:var(--s2)}.s3{fill:var(--s3);stroke:var(--s3)}
.s4{fill:var(--s4);stroke:var(--s4)}.s5{fill:var(--s5);stroke:var(--s5)}.s6{fill:var(--s6);stroke:var(--s6)}.s7{fill:var(--s7);stroke:var(--s7)}
rect{stroke:none!important}
.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .9em;border:1px solid var(--ink)}
.k0{background:var(--s0)}.k1{background:var(--s1)}.k2{background:var(--s2)}.k3{background:var(--s3)}.k4{background:var(--s4)}.k5{background:var(--s5)}.k6{background:var(--s6)}.k7{background:var(--s7)}
.chart{overflow-x:auto}
.chart svg{display:block;width:100%;min-width:32rem;max-width:46rem;height:auto}
.chart text{fill:var(--ink);font-size:12.5px}
.grid{stroke:var(--line);stroke-width:1}
.sign{stroke:var(--quiet);stroke-width:1;stroke-dasharray:4 3}
.limit{stroke:var(--bad);stroke-width:1.5;stroke-dasharray:7 4}
.curve{fill:none;stroke:var(--s0);stroke-width:2.2}
.band{fill:var(--s0);opacity:.22}
.front{fill:none;stroke:var(--quiet);stroke-width:1.3}
.whisker{stroke-width:1.4}
.zones{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.8rem;list-style:none;padding:0;max-width:none}
.zones ul{list-style:none;padding:0;margin:.3rem 0 0}
.zone{border:2px solid var(--line);border-radius:.4rem;padding:.5rem .7rem}
.machine{border:1px solid var(--line);border-radius:.3rem;padding:.3rem .5rem;margin:.4rem 0;background:var(--soft)}
.cursor{fill:var(--bad)}tr.chosen>*{background:var(--soft);box-shadow:inset 0 2px 0 var(--s0),inset 0 -2px 0 var(--s0)}tr.cause>*{background:var(--soft)}tr.cause>th::before{content:"\2191\a0"}
table.events tr:focus-visible{outline:3px solid var(--s0)}table.lanes td.d{width:45%}
.pod{border:1px solid var(--quiet);border-radius:.9rem;padding:0 .6rem;margin:.2rem 0;background:var(--paper);overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);border-radius:.3rem;padding:.5rem .7rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.88rem}
summary{cursor:pointer;padding:.3rem 0;min-height:1.5rem}
footer{margin-top:2.5rem;padding-top:.6rem;padding-bottom:2rem;border-top:1px solid var(--line);font-size:.9rem}
@media (max-width:44rem){table{min-width:38rem}}
@media print{:root{--ink:#000;--paper:#fff;--quiet:#333;--line:#999;--soft:#fff;color-scheme:light}
body{font-size:10pt}table{font-size:8pt;min-width:0}th,td{padding:.15rem .25rem;overflow-wrap:anywhere}td.n,th.k{white-space:normal}nav,.skip{display:none}main,header,footer{max-width:none}
details>*{content-visibility:visible;display:revert}details::details-content{content-visibility:visible;display:block}
h2,caption{break-after:avoid}tr,.card,.zone,.chart,.verdict{break-inside:avoid}.chart svg{min-width:0}.wide,.chart{overflow:visible}}
)css";
}

std::string_view sort_script() {
  // A table is readable as it is; this only puts its rows into another order.
  return R"js(
for(const table of document.querySelectorAll('table.sortable')){const body=table.tBodies[0];
table.querySelectorAll('thead th').forEach((cell,column)=>{if(cell.dataset.fixed!==undefined)return;const button=document.createElement('button');button.type='button';
button.textContent=cell.textContent;cell.textContent='';cell.append(button);button.addEventListener('click',()=>{
const up=cell.getAttribute('aria-sort')!=='ascending';for(const other of cell.parentNode.children)other.removeAttribute('aria-sort');
cell.setAttribute('aria-sort',up?'ascending':'descending');const key=row=>{const text=row.cells[column].dataset.key??row.cells[column].textContent.trim();
const number=parseFloat(text.replace(/[,$<>]/g,''));return [Number.isNaN(number)?1:0,number,text]};
[...body.rows].sort((a,b)=>{const x=key(a),y=key(b);const by=x[0]-y[0]||(x[0]?x[2].localeCompare(y[2]):x[1]-y[1]);return up?by:-by}).forEach(row=>body.append(row))})})}
)js";
}

}  // namespace nines::experiments::review
