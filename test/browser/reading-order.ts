import type { Page } from "playwright-core";

export interface SpokenNode {
  role: string;
  name: string;
  description: string;
  /** Of a heading, else null. */
  level: number | null;
}

/** What assistive technology is told of a page, in the order in which it is read. What is hidden from it is not there. */
export async function readingOrder(page: Page): Promise<SpokenNode[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const spoken: SpokenNode[] = [];
  const visit = (id: string): void => {
    const node = byId.get(id);
    if (!node) return;
    if (!node.ignored) {
      const level = node.properties?.find(({ name }) => name === "level")?.value.value;
      spoken.push({
        role: String(node.role?.value ?? ""),
        name: String(node.name?.value ?? ""),
        description: String(node.description?.value ?? ""),
        level: typeof level === "number" ? level : null,
      });
    }
    for (const child of node.childIds ?? []) visit(child);
  };
  const root = nodes.find((node) => node.parentId === undefined);
  if (root) visit(root.nodeId);
  return spoken;
}
