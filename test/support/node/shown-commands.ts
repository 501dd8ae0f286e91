/** A block of commands that a document shows, with the output shown right after it. */
export type ShownCommands = {
  /** Where the commands begin, counted from 1. */
  line: number;
  /** `start`: what `npm start` prints is compared, and nothing is run. */
  mark: "run" | "start";
  commands: string;
  /** null: nothing is shown, so only the exit code counts. */
  output: { format: "text" | "json"; shown: string } | null;
};

interface Block {
  info: string;
  text: string;
  line: number;
  /** Whether only blank lines stand between it and the block before. */
  follows: boolean;
}

/** The blocks of a document that are marked ```` ```sh run ```` or ```` ```sh start ````, in order. */
export function shownCommands(markdown: string): ShownCommands[] {
  const blocks = blocksOf(markdown);
  return blocks.flatMap((block, index): ShownCommands[] => {
    const mark = /^sh (run|start)$/.exec(block.info)?.[1] as "run" | "start" | undefined;
    if (!mark) return [];
    const next = blocks[index + 1];
    const format = next?.follows && (next.info === "text" || next.info === "json") ? next.info : null;
    return [{ line: block.line, mark, commands: block.text, output: next && format ? { format, shown: next.text } : null }];
  });
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  let between = "text";
  for (const [index, content] of markdown.split("\n").entries()) {
    const fence = /^```(?!`)(.*)$/.exec(content)?.[1];
    if (fence === undefined) {
      if (open) open.text += `${content}\n`;
      else between += content.trim();
    } else if (open) {
      blocks.push(open);
      open = null;
      between = "";
    } else open = { info: fence.trim(), text: "", line: index + 2, follows: between === "" };
  }
  if (open) throw new Error(`the block at line ${open.line} is not closed`);
  return blocks;
}
