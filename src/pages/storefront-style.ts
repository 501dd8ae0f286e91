import { baseStyle } from "./page-style.ts";
import { searchStyle } from "./search-style.ts";

/**
 * One store's menu. Phone first; from 62em the categories move to a column of their own. The items of a long menu are laid
 * out as they come near; smooth scrolling over heights that are still guesses would end in the wrong place. A name that is a box of its own is
 * aligned as the page is, whatever language it is in.
 */
export const storefrontStyle = `${baseStyle}${searchStyle}.top{padding-block:8px 16px}
.top .wrap{display:grid;grid-template-columns:minmax(0,1fr) auto;column-gap:16px;row-gap:4px;position:relative}
.top .eyebrow{justify-self:start}
.top h1,.top address{grid-column:1/-1}
.top address{font-style:normal;color:var(--soft)}
.stores{grid-area:1/2;z-index:5}
.stores summary,.more summary{list-style:none;cursor:pointer}
summary::-webkit-details-marker{display:none}
.stores summary{display:inline-flex;align-items:center;gap:8px;min-height:44px;padding-inline:16px;border:1px solid var(--line);border-radius:22px;font-size:14px;font-weight:600}
.stores summary:hover{background:var(--wash)}
summary::after{content:"";flex:none;width:7px;height:7px;border:solid currentColor;border-width:0 2px 2px 0;transform:translateY(-2px) rotate(45deg)}
details[open]>summary::after{transform:translateY(2px) rotate(225deg)}
.stores ul{position:absolute;inset-inline:var(--gutter);margin-block-start:8px;padding:8px;max-height:60vh;overflow:auto;background:var(--bg);border:1px solid var(--line);border-radius:14px;box-shadow:0 12px 32px rgb(0 0 0/.16)}
.stores a{display:flex;align-items:center;min-height:44px;padding:8px 12px;border-radius:8px;text-decoration:none}
.stores a:hover,.stores a[aria-current]{background:var(--wash)}
.stores a[aria-current]{font-weight:600}
.cats{position:sticky;inset-block-start:0;z-index:4;background:var(--bg);border-block-end:1px solid var(--line)}
.cats ul{display:flex;max-width:var(--page);margin-inline:auto;padding-inline:calc(var(--gutter) - 12px);overflow-x:auto;overscroll-behavior-x:contain;scroll-padding-inline:24px;scrollbar-width:none}
.cats ul::-webkit-scrollbar{display:none}
.cats li{flex:none;max-width:75vw}
.cats a{display:flex;align-items:center;min-height:48px;padding-inline:8px;margin-inline:4px;font-size:15px;font-weight:600;color:var(--soft);text-decoration:none;border-block:3px solid transparent}
.cats bdi{min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.cats a:focus-visible{outline-offset:-4px}
.cats a:hover{color:var(--ink)}
.cats a[aria-current]{color:var(--ink);border-block-end-color:var(--ink)}
html{scroll-padding-block:56px 16px}
main{min-width:0}
main:focus{outline:0}
main section{padding-block-start:24px;scroll-margin-block-start:-16px}
h2{font-size:22px;font-weight:700;letter-spacing:-.01em}
h3{font-size:16px;font-weight:600;line-height:1.35;text-wrap:pretty}
.item{display:grid;grid-template-columns:minmax(0,1fr);align-content:start}
html:has(.long){scroll-behavior:auto}
.long .item{content-visibility:auto;contain-intrinsic-block-size:auto 160px;overflow-clip-margin:8px}
.long .grid .item{contain-intrinsic-block-size:auto 300px}
.list .item{padding-block:16px;column-gap:16px}
.list .item+.item{border-block-start:1px solid var(--line)}
.list .item.has-tile{grid-template-columns:minmax(0,1fr) 96px}
.grid{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:24px 16px;padding-block:16px 8px}
.grid .tile{grid-row:1;margin-block-end:12px}
.desc{margin-block-start:4px;font-size:14px;line-height:1.45;color:var(--soft);display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:6;overflow:hidden}
.meta{display:flex;flex-wrap:wrap;align-items:center;gap:4px 8px;margin-block-start:6px}
.price{font-size:15px;font-weight:600;font-variant-numeric:tabular-nums}
.choices{margin-block-start:8px;max-width:18rem}
.choices li,.more li{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 12px}
.choices li{font-size:15px}
.choices bdi,.more li>span{flex:1 1 0;min-width:min(100%,4rem)}
.cats bdi,.stores bdi,.choices bdi{text-align:left}
[dir=rtl] :is(.cats,.stores,.choices) bdi{text-align:right}
.choices .price,.more li>b{max-width:100%;margin-inline-start:auto}
.meta,.choices li{position:relative}
.gone{position:absolute;inset-block-end:0;inset-inline-end:0;max-width:100%;padding-inline-start:8px;overflow:hidden;background:var(--bg);font-size:13px;font-weight:600;line-height:22px;text-overflow:ellipsis;white-space:nowrap}
:has(>.gone) .price{color:var(--soft);text-decoration:line-through}
.out :is(h3,.tag){color:var(--soft)}
.out .tile{opacity:.45;filter:grayscale(1)}
.tag{padding:1px 8px;border-radius:6px;background:var(--wash);font-size:13px;line-height:20px}
.fact{margin-block-start:4px;font-size:13px;line-height:1.45;color:var(--soft)}
.fact b{font-weight:600}
.tile{position:relative;aspect-ratio:1;border-radius:12px;overflow:hidden;background:hsl(var(--h) var(--tile-s) var(--tile-l));align-self:start}
.tile::before{content:attr(data-m);position:absolute;inset:0;display:grid;place-items:center;font-size:34px;font-weight:600;color:hsl(var(--h) var(--mark-s) var(--mark-l))}
.grid .tile::before{font-size:48px}
.tile img{position:absolute;inset:0;width:100%;height:100%;object-fit:cover;background:inherit}
.t0{--h:28}.t1{--h:150}.t2{--h:205}.t3{--h:258}.t4{--h:340}.t5{--h:60}
.more summary{display:flex;align-items:center;gap:8px;min-height:44px;font-size:14px;color:var(--soft)}
.more summary b{flex:none;font-weight:600;color:var(--ink)}
.more summary span{min-width:0;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.more[open]{padding-block-end:8px}
.list .more:not([open]){margin-block-end:-12px}
.more h4{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 12px;padding-block:12px 4px;font-size:14px;font-weight:600}
.more h4 small{font-size:13px;font-weight:400;color:var(--soft)}
.more li{padding-block:6px;font-size:14px;border-block-start:1px solid var(--line)}
.more li small{font-size:13px;color:var(--soft);margin-inline-start:4px}
.more li>b{font-weight:400;font-variant-numeric:tabular-nums}
.empty{max-width:32rem;margin-inline:auto;padding:48px 16px;text-align:center}
.empty svg{width:64px;height:64px;margin-block-end:16px;color:var(--soft)}
.empty p{margin-block-start:8px;color:var(--soft)}
.empty ul{display:grid;gap:8px;margin-block-start:24px}
.empty h3{margin-block-start:32px}
.empty a{display:flex;align-items:center;justify-content:center;min-height:48px;padding:8px 16px;border:1px solid var(--line);border-radius:10px;font-weight:600;text-decoration:none}
.empty a:hover{background:var(--wash)}
footer{margin-block-start:48px;padding-block:24px 48px;border-block-start:1px solid var(--line);font-size:14px;color:var(--soft)}
footer p{max-width:68ch}
footer p+p{margin-block-start:12px}
@media (forced-colors:active){.cats a{border-color:Canvas}.cats a[aria-current]{border-color:Highlight}}
@media (min-width:40em){
.grid{grid-template-columns:repeat(auto-fill,minmax(11rem,1fr))}
.stores ul{inset-inline:auto var(--gutter);min-width:18rem;max-width:26rem}
}
@media (min-width:62em){
html{scroll-padding-block-start:16px}
.top{padding-block:16px 32px}
.body{display:grid;max-width:var(--page);margin-inline:auto;padding-inline:var(--gutter);grid-template-columns:12.5rem minmax(0,1fr);column-gap:56px;align-items:start}
.cats{border:0;max-height:100vh;overflow:auto;padding-block:16px}
.cats ul{display:block;padding:0}
.body main{margin:0;padding:0}
.empty{padding-block:64px 96px}
.cats li{max-width:none}
.cats bdi{white-space:normal}
.cats a{min-height:44px;margin-inline:0;padding:8px 12px;border:0;border-inline-start:3px solid var(--line);line-height:1.3}
.cats a[aria-current]{border-color:var(--ink)}
main section{padding-block:16px 32px}
.list{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));column-gap:48px}
.list .item:nth-child(2){border:0}
.grid{gap:32px 24px}
}
`;
