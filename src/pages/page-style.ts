/**
 * Colours, type and the parts every page shares. Text colours keep WCAG AA (4.5:1) on `--bg` and `--wash` in both schemes.
 * An empty list-style-type instead of `none`, because Safari takes `none` for "not a list" and no longer announces it.
 * Spacing is 4, 8, 12, 16, 24, 32, 48; sides are logical, so the page mirrors itself for right-to-left languages.
 */
export const baseStyle = `
:root{
color-scheme:light dark;
--bg:#fff;--ink:#16181b;--soft:#585e67;--line:#e4e6e9;--wash:#f4f5f7;--focus:#1b5fd0;
--tile-l:92%;--tile-s:38%;--mark-l:46%;--mark-s:30%;
--page:70rem;--gutter:16px;
}
@media (prefers-color-scheme:dark){:root{
--bg:#121416;--ink:#eceef0;--soft:#a2a9b2;--line:#2b2f34;--wash:#1d2023;--focus:#8db7ff;
--tile-l:18%;--tile-s:14%;--mark-l:66%;--mark-s:28%;
}}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:400 16px/1.5 -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans","Noto Naskh Arabic",sans-serif;overflow-wrap:anywhere;-webkit-font-smoothing:antialiased}
h1,h2,h3,h4,p,ul,dl,dd{margin:0;padding:0}
ul{list-style-type:""}
h1,h2,h3{text-wrap:balance;line-height:1.25}
a{color:inherit}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:6px}
.skip{position:absolute;inset-block-start:8px;inset-inline-start:8px;z-index:9;padding:12px 16px;border-radius:8px;background:var(--ink);color:var(--bg);transform:translateY(-200%)}
.skip:focus{transform:none}
.wrap{max-width:var(--page);margin-inline:auto;padding-inline:var(--gutter)}
.eyebrow{display:inline-flex;align-items:center;min-height:44px;font-size:14px;font-weight:600;color:var(--soft);text-decoration:none}
a.eyebrow:hover{color:var(--ink);text-decoration:underline;text-underline-offset:3px}
h1{font-size:28px;font-weight:700;letter-spacing:-.015em}
.soft{color:var(--soft)}
@media (min-width:48em){:root{--gutter:24px}h1{font-size:34px}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;

/** The pages that are not a menu: list of stores, landing, errors. */
export const simplePageStyle = `${baseStyle}
.simple{--page:44rem;padding-block:48px 64px}
.simple h1{margin-block-end:12px}
.simple .lead{font-size:18px;color:var(--soft);max-width:60ch}
.simple h2{font-size:18px;margin-block:40px 4px}
.links{margin-block-start:24px;border-block-start:1px solid var(--line)}
h2+.links{margin-block-start:8px}
.links a{display:flex;align-items:center;gap:16px;min-height:64px;padding-block:12px;border-block-end:1px solid var(--line);text-decoration:none}
.links a>span{flex:1;min-width:0}
.links b{display:block;font-weight:600}
.links a:hover b{text-decoration:underline;text-underline-offset:3px}
.links small{display:block;font-size:14px;color:var(--soft)}
.links a::after{content:"";flex:none;width:8px;height:8px;margin-inline-end:4px;border:solid var(--soft);border-width:2px 2px 0 0;transform:rotate(45deg)}
[dir=rtl] .links a::after{transform:rotate(-135deg)}
.status{font-size:14px;font-weight:600;color:var(--soft);margin-block-end:8px}
.reference{margin-block-start:32px;font-size:14px;color:var(--soft)}
.reference code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;color:var(--ink);user-select:all}
.button{display:inline-flex;align-items:center;min-height:48px;margin-block-start:24px;padding-inline:20px;border-radius:10px;background:var(--ink);color:var(--bg);font-weight:600;text-decoration:none}
`;
