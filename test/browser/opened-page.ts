import type { Browser, BrowserContextOptions, Page } from "playwright-core";

export interface OpenedPage {
  page: Page;
  /** What the browser had to say against the page: errors in the console, exceptions, requests that failed. */
  complaints: string[];
  status: number;
  close(): Promise<void>;
}

/** Opens an address in a context of its own, `prepare`d before, and waits until nothing is loaded any more. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<OpenedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await prepare(page);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.failure()?.errorText} ${request.url()}`));
  const response = await page.goto(url, { waitUntil: "networkidle" });
  return { page, complaints, status: response?.status() ?? 0, close: () => context.close() };
}
