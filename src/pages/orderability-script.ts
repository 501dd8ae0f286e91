/**
 * Greys what cannot be ordered and says why, and keeps it so while the page is looked at: a question a second, by entity tag, answered with 304
 * where nothing changed. Where it goes wrong it waits ever longer and the page stays as it was. Nothing moves: the words lie over the end of the
 * price's line.
 */
export const orderabilityScript = `
document.addEventListener("DOMContentLoaded",()=>{
const menu=document.querySelector("[data-orderability]");
if(!menu)return;
const {orderability,reasons,lang}=menu.dataset,words=JSON.parse(reasons),lines=[...menu.querySelectorAll("[data-code]")];
let tag,wait=1000,timer;
const show=items=>{
for(const line of lines){
const {reason}=items[line.dataset.code]||{};
let note=line.querySelector(".gone");
if(!reason){note&&note.remove();continue}
if(!note){note=document.createElement("span");note.className="gone";if(lang)note.lang=lang;line.append(note)}
const word=words[reason]||words.hidden;
if(note.textContent!==word)note.textContent=word;
}
for(const card of new Set(lines.map(l=>l.closest(".item"))))card.classList.toggle("out",[...card.querySelectorAll("[data-code]")].every(l=>l.querySelector(".gone")));
};
const ask=async()=>{
clearTimeout(timer);
if(document.hidden)return;
try{
const answer=await fetch(orderability,{cache:"no-store",headers:tag?{"if-none-match":tag}:{}});
const text=await answer.text();
if(answer.status===200){show(JSON.parse(text).items);tag=answer.headers.get("etag")}
else if(answer.status!==304)throw 0;
wait=1000;
}catch{wait=Math.min(wait*2,60000)}
timer=setTimeout(ask,wait);
};
document.addEventListener("visibilitychange",()=>{document.hidden?clearTimeout(timer):ask()});
ask();
});
`;
