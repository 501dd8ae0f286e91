import { AppError } from "../../kernel/errors.ts";
import { type SqlValue, statement } from "../../platform/db/statement.ts";
import type { Guard, UnitResult } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { categoryAnswer, readCategory } from "./category-reader.ts";
import type { Category, CreateCategory, UpdateCategory } from "./category-schemas.ts";
import { categoriesUpserted } from "./events.ts";
import { raiseRevision } from "./ingestion/write-chunk.ts";

/** Refuses a parent that does not exist, is the category itself or stands below it. */
const parentFits = (parentId: string | null | undefined, categoryId: string): Guard[] => {
  if (parentId == null) return [];
  const details = (message: string) =>
    statement("SELECT json_object('errors', json_array(json_object('path', 'body.parent_id', 'message', ?)))", message);
  return [
    {
      guard: "CATEGORY_UNKNOWN",
      holds: "EXISTS (SELECT 1 FROM categories WHERE category_id = ?)",
      args: [parentId],
      details: details("no such category"),
    },
    {
      guard: "VALIDATION_FAILED",
      // UNION: a loop that a feed brought does not go round for ever.
      holds: `NOT EXISTS (WITH RECURSIVE above (category_id) AS (
          SELECT ? UNION SELECT c.parent_id FROM above CROSS JOIN categories AS c ON c.category_id = above.category_id WHERE c.parent_id IS NOT NULL)
        SELECT 1 FROM above WHERE category_id = ?)`,
      args: [parentId, categoryId],
      details: details("stands below this category, or is it"),
    },
  ];
};

/** A category of our own. Answers it. Refusal: CATEGORY_UNKNOWN for its parent. */
export async function createCategory(scope: RequestScope, { name, parent_id, position }: CreateCategory): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const categoryId = scope.clock.newId();
  return scope.db.write(
    unitOf(scope, {
      steps: [
        ...parentFits(parent_id, categoryId),
        statement(
          `INSERT INTO categories (category_id, parent_id, name, original_name, position, place_owner, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, ?3, '', ?4, 'ours', ?5, ?5)`,
          categoryId,
          parent_id,
          name,
          position,
          nowMs,
        ),
        raiseRevision(),
        ...categoriesUpserted(scope, [categoryId], nowMs),
      ],
      answer: { status: 201, select: categoryAnswer(categoryId) },
      wakes: true,
    }),
  );
}

type Assignment = [assignment: string, ...values: SqlValue[]];

function changes(category: Category, given: UpdateCategory): Assignment[] {
  const columns: Assignment[] = [];
  const followed = (given.follow_provider ?? []).filter((field) => category.fields[field].owner === "ours");
  if (followed.length > 0 && category.source_system_id === null) {
    const message = "no provider has this category; there is nothing to follow";
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.follow_provider", message }] });
  }
  if (followed.includes("name")) columns.push(["name = original_name"]);
  else if (given.name !== undefined && given.name !== category.name) columns.push(["name = ?", given.name]);
  if (followed.includes("place")) {
    columns.push(["place_owner = 'provider'"]);
    return columns;
  }
  const isMoved = given.parent_id !== undefined && given.parent_id !== category.parent_id;
  if (isMoved) columns.push(["parent_id = ?", given.parent_id ?? null]);
  const isReordered = given.position !== undefined && given.position !== category.position;
  if (isReordered) columns.push(["position = ?", given.position ?? 0]);
  if (isMoved || isReordered) columns.push(["place_owner = 'ours'"]);
  return columns;
}

/**
 * Renames or moves a category. Answers it. One read before, to know whether anything changes. A place that is given back is the provider's from the
 * next payload on that has the category: its hash is forgotten, so that payload writes it. Throws NOT_FOUND, VALIDATION_FAILED; refusal:
 * CATEGORY_UNKNOWN.
 */
export async function updateCategory(scope: RequestScope, categoryId: string, given: UpdateCategory): Promise<UnitResult> {
  const category = await readCategory(scope.db, categoryId, { fresh: true });
  const columns = changes(category, given);
  const nowMs = scope.clock.now();
  const isChanged = columns.length > 0;
  const isPlaceFollowed = columns.some(([assignment]) => assignment === "place_owner = 'provider'");
  return scope.db.write(
    unitOf(scope, {
      steps: isChanged
        ? [
            ...parentFits(given.parent_id, categoryId),
            statement(
              `UPDATE categories SET ${[...columns.map(([assignment]) => assignment), "updated_at_ms = ?"].join(", ")} WHERE category_id = ?`,
              ...columns.flatMap(([, ...values]) => values),
              nowMs,
              categoryId,
            ),
            ...(isPlaceFollowed
              ? [statement("UPDATE source_entities SET content_hash = '' WHERE canonical_id = ? AND entity_type = 'category'", categoryId)]
              : []),
            raiseRevision(),
            ...categoriesUpserted(scope, [categoryId], nowMs),
          ]
        : [],
      answer: { status: 200, select: categoryAnswer(categoryId) },
      wakes: isChanged,
    }),
  );
}
