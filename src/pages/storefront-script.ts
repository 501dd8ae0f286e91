import { orderabilityScript } from "./orderability-script.ts";

/**
 * All the page's code; without it the page loses what is sold out, the highlight, the letter on the tile of a picture that fails, and a
 * list of stores that shuts by itself (it lies over the menu, and would hide what has the focus next).
 * It stands in the head, so that its listener is there before the first picture can fail (error events do not bubble).
 * At the foot of the page the last category, or the one that was asked for, is current even where it is too short to
 * reach the top. On a long menu (see storefront-style.ts) items get their true height as they come near, so the place
 * that a link leads to is looked up once more when they have it. A category that the keyboard comes to is brought wholly
 * into sight, where Chromium is content with a part of it; under a pointer the bar must not move, or the click is lost.
 */
export const storefrontScript = `${orderabilityScript}
document.addEventListener("error",e=>{if(e.target.tagName=="IMG")e.target.remove()},true);
document.addEventListener("DOMContentLoaded",()=>{
const stores=document.querySelector(".stores"),shut=()=>{stores.open=false};
if(stores){
stores.addEventListener("keydown",e=>{if(e.key=="Escape"&&stores.open){shut();stores.firstElementChild.focus()}});
stores.addEventListener("focusout",e=>{if(e.relatedTarget&&!stores.contains(e.relatedTarget))shut()});
document.addEventListener("click",e=>{if(!stores.contains(e.target))shut()});
}
const nav=document.querySelector(".cats ul"),links=[...document.querySelectorAll(".cats a")];
if(!nav||!("IntersectionObserver" in window))return;
const sections=links.map(a=>document.getElementById(decodeURIComponent(a.hash.slice(1)))),seen=new Set();
nav.addEventListener("focusin",e=>{if(e.target.matches(":focus-visible"))e.target.scrollIntoView({block:"nearest",inline:"nearest"})});
let current;
const mark=()=>{
const end=scrollY>0&&innerHeight+scrollY>=document.documentElement.scrollHeight-2;
const asked=sections.findIndex((s,i)=>links[i].hash===location.hash&&s.getBoundingClientRect().top>=0);
const index=!end?sections.findIndex(s=>seen.has(s)):asked<0?sections.length-1:asked;
const link=links[index];
if(!link||link===current)return;
current&&current.removeAttribute("aria-current");
current=link;link.setAttribute("aria-current","true");
const a=link.getBoundingClientRect(),n=nav.getBoundingClientRect();
nav.querySelector(":focus-visible")||nav.scrollBy({left:a.left+a.width/2-n.left-n.width/2});
};
const watch=new IntersectionObserver(es=>{for(const e of es)seen[e.isIntersecting?"add":"delete"](e.target);mark()},{rootMargin:"-64px 0px -55% 0px"});
sections.forEach(s=>watch.observe(s));
addEventListener("scroll",mark,{passive:true});
const settle=()=>{const s=document.querySelector(".long :target");s&&s.scrollIntoView();mark()};
addEventListener("hashchange",()=>{mark();requestAnimationFrame(()=>requestAnimationFrame(settle))});
});
`;
