import { renderDocument } from "./page-document.tsx";
import { simplePageStyle } from "./page-style.ts";

export interface ErrorPageProps {
  status: number;
  title: string;
  /** Safe to show: what happened and what to do. */
  detail: string;
  request_id: string;
}

/** The whole HTML of a failure, for a browser; an API client gets the problem document instead. */
export function renderErrorPage({ status, title, detail, request_id }: ErrorPageProps): string {
  // A failure of ours may pass; asking again for what does not exist will not help.
  const mayPass = status >= 500 || status === 429;
  return renderDocument({
    lang: "en",
    dir: "ltr",
    title: `${title} (${status})`,
    description: detail,
    brand: "Servery",
    style: simplePageStyle,
    children: (
      <main class="wrap simple">
        <p class="status">{status}</p>
        <h1>{title}</h1>
        <p class="lead">{detail}</p>
        {mayPass ? (
          <p class="reference">Please reload the page in a moment.</p>
        ) : (
          <a class="button" href="/">
            Go to the start page
          </a>
        )}
        <p class="reference">
          Request <code>{request_id}</code>
        </p>
      </main>
    ),
  });
}
