import { type CanonicalRows, isUsableKey } from "./canonical-rows.ts";

export interface CategoryTree {
  isUsable(path: readonly string[]): boolean;
  /** The external id of the path's last, which is made with its ancestors where it is new. */
  add(position: string, path: readonly string[]): string;
}

/** Categories of a provider that gives them no ids: they are found again by their path, in whatever case it is written. */
export function categoryTree(rows: CanonicalRows): CategoryTree {
  const known = new Set<string>();
  const idOf = (path: readonly string[]): string => path.join(" > ").toLowerCase();
  return {
    isUsable: (path) => isUsableKey(idOf(path)),
    add(position, path) {
      for (const [depth, name] of path.entries()) {
        const external_id = idOf(path.slice(0, depth + 1));
        if (known.has(external_id)) continue;
        known.add(external_id);
        const parent_external_id = depth === 0 ? null : idOf(path.slice(0, depth));
        rows.addCategory(position, { external_id, name, parent_external_id, position: known.size - 1 });
      }
      return idOf(path);
    },
  };
}
