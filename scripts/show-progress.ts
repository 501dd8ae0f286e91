const barWidth = 24;
const aLineEach = 100;

export type ShownProgress = {
  show(done: number, all: number, more?: string): void;
  /** Leaves the terminal to what is printed next. */
  end(): void;
};

/** On a terminal a bar that is rewritten; elsewhere one line per hundred, for a log. */
export function showProgress(what: string): ShownProgress {
  const { stderr } = process;
  let isOpen = false;
  return {
    show(done, all, more = "") {
      const text = `${done}/${all} ${what}${more}`;
      if (stderr.isTTY) stderr.write(`\r\x1b[K${barOf(done, all)} ${text}`);
      else if (done > 0 && done % aLineEach === 0) console.error(text);
      isOpen = stderr.isTTY;
    },
    end() {
      if (isOpen) stderr.write("\r\x1b[K");
      isOpen = false;
    },
  };
}

function barOf(done: number, all: number): string {
  const full = Math.min(barWidth, Math.round((done / Math.max(1, all)) * barWidth));
  return `[${"█".repeat(full)}${"·".repeat(barWidth - full)}]`;
}
