/** What a document points at: markdown links and code spans that name a file of this repository. */
export type Mention = { line: number; path: string; relative_to: "document" | "root" };

const roots = ["src", "scripts", "test", "migrations", "docs", "public", ".ci"];

export function mentionsOf(text: string): Mention[] {
  return text.split("\n").flatMap((content, index) => {
    const line = index + 1;
    const links = [...content.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].map((match) => match[1] ?? "");
    const spans = [...content.matchAll(/`([^`\s]+)`/g)].map((match) => match[1] ?? "");
    return [
      ...links.filter(isRelative).map((path) => ({ line, path: bare(path), relative_to: "document" as const })),
      ...spans.filter(isFile).map((path) => ({ line, path: bare(path), relative_to: "root" as const })),
    ];
  });
}

function isRelative(path: string): boolean {
  return path !== "" && !path.startsWith("#") && !path.startsWith("/") && !/^[a-z][a-z0-9+.-]*:/i.test(path);
}

/** `src/app.ts` is one; a pattern, a placeholder or the path of a route is not. */
function isFile(path: string): boolean {
  return roots.some((root) => path.startsWith(`${root}/`)) && !/[*{}<>…$]/.test(path);
}

const bare = (path: string): string => decodeURIComponent(path.replace(/[#?].*$/, "").replace(/:\d+$/, ""));
