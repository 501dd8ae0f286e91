// Writes docs/errors.md from src/kernel/errors.ts; with --check says whether it is as it would be written.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERRORS, type ErrorCode } from "../src/kernel/errors.ts";

const file = join(import.meta.dirname, "../docs/errors.md");

/** Those that are not 429 or 503 and pass all the same. */
const passing: readonly ErrorCode[] = ["IDEMPOTENCY_IN_PROGRESS", "MENU_VERSION_NOT_REACHED"];

const rows = Object.entries(ERRORS).map(([code, [status, title]]) => `| ${status} | \`${code}\` | ${title} |`);

const page = `# Errors

<!-- Written by scripts/generate-error-docs.ts; change src/kernel/errors.ts or that script. -->

Every error is a problem document (RFC 9457), \`application/problem+json\`. \`code\` is stable and what a program looks at; \`title\` and \`detail\` are for
people. A validation error names every field that is wrong. A 5xx never carries an inner message: give \`request_id\` to whoever runs the Worker, its
log line has the reason.

\`\`\`sh run
KEY=$(node -p 'require("./.servery/demo.json").tenants[0].admin_key')
curl -s http://kopi.localhost:8787/api/v1/stores -H "apikey: $KEY" -H "idempotency-key: errors-1" \\
  -d '{ "name": "Bugis", "timezone": "Asia/Singapur", "currency": "SGD", "colour": "red" }'
\`\`\`

\`\`\`json
{
  "type": "https://servery.dev/problems/validation-failed",
  "title": "The request is not valid",
  "status": 422,
  "detail": "2 fields are not valid; see errors.",
  "code": "VALIDATION_FAILED",
  "request_id": "…",
  "errors": [
    { "path": "body.timezone", "message": "must be an IANA time zone, as in Asia/Singapore" },
    { "path": "body.colour", "message": "is not a field of this request" }
  ]
}
\`\`\`

429 and 503 pass by themselves, and so do ${passing.map((code) => `\`${code}\``).join(" and ")}: they say in \`Retry-After\` how many seconds to wait. Any
other error comes again until the request, or what it is about, has changed. Which codes a route answers is in \`/openapi.json\`.

| status | code | title |
| --- | --- | --- |
${rows.join("\n")}
`;

if (!process.argv.includes("--check")) writeFileSync(file, page);
else if (readFileSync(file, "utf8") !== page) {
  console.error("docs/errors.md is not what src/kernel/errors.ts says: node scripts/generate-error-docs.ts");
  process.exitCode = 1;
}
