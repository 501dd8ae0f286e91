/** The search of a menu. An input of less than 16px makes iOS zoom in. */
export const searchStyle = `
.find{display:block;grid-column:1/-1;margin-block-start:8px;max-width:30rem}
.find form{display:flex;gap:8px}
.find input{flex:1;min-width:0;min-height:44px;padding:8px 16px;border:1px solid var(--soft);border-radius:22px;background:var(--bg);color:inherit;font:inherit;-webkit-appearance:none;appearance:none}
.find input::placeholder{color:var(--soft);opacity:1}
.find :focus-visible{border-radius:22px}
.find button{flex:none;min-height:44px;padding-inline:16px;border:1px solid var(--line);border-radius:22px;background:var(--wash);color:inherit;font:inherit;font-size:14px;font-weight:600;cursor:pointer}
`;
