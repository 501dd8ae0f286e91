import { AppError } from "../../kernel/errors.ts";
import { type SqlValue, type Statement, statement } from "../../platform/db/statement.ts";
import type { UnitResult, UnitStep } from "../../platform/db/unit-of-work.ts";
import { type RequestScope, unitOf } from "../../platform/http/scope.ts";
import { groupsUpserted } from "./events.ts";
import { raiseRevision } from "./ingestion/write-chunk.ts";
import { groupAnswer, readGroup } from "./modifier-reader.ts";
import type { CreateModifierGroup, ModifierGroup, UpdateModifierGroup } from "./modifier-schemas.ts";

type NewOption = CreateModifierGroup["options"][number];
type ChangedOption = Exclude<NonNullable<UpdateModifierGroup["options"]>[number], NewOption>;

/** After the group's others. An option of ours is its own external id, which no provider's is: a re-sync does not look at it. */
function addOptions(scope: RequestScope, groupId: string, options: readonly NewOption[]): Statement[] {
  if (options.length === 0) return [];
  const rows = options.map((option) => ({ ...option, id: scope.clock.newId() }));
  return [
    statement(
      `INSERT INTO modifier_options (modifier_option_id, modifier_group_id, external_id, name, price_delta_minor, item_code, is_default,
         merchant_hidden, name_owner, position)
       SELECT value ->> 'id', ?2, value ->> 'id', value ->> 'name', value ->> 'price', value ->> 'item_code', value ->> 'default',
         NOT (value ->> 'active'), 'ours',
         key + (SELECT coalesce(max(o.position) + 1, 0) FROM modifier_options AS o WHERE o.modifier_group_id = ?2) FROM json_each(?1)`,
      JSON.stringify(rows),
      groupId,
    ),
  ];
}

/** A modifier group of our own with its options. Answers it. */
export async function createModifierGroup(scope: RequestScope, asked: CreateModifierGroup): Promise<UnitResult> {
  const nowMs = scope.clock.now();
  const groupId = scope.clock.newId();
  return scope.db.write(
    unitOf(scope, {
      steps: [
        statement(
          `INSERT INTO modifier_groups (modifier_group_id, name, original_name, min_select, max_select, bounds_owner, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, '', ?3, ?4, 'ours', ?5, ?5)`,
          groupId,
          asked.name,
          asked.min,
          asked.max,
          nowMs,
        ),
        ...addOptions(scope, groupId, asked.options),
        raiseRevision(),
        ...groupsUpserted(scope, [groupId], nowMs),
      ],
      answer: { status: 201, select: groupAnswer(groupId) },
      wakes: true,
    }),
  );
}

type Assignment = [assignment: string, ...values: SqlValue[]];

function groupColumns(group: ModifierGroup, given: UpdateModifierGroup): Assignment[] {
  const { min = group.min, max = group.max, follow_provider = [] } = given;
  if (max !== null && max < min) {
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.max", message: `must be at least min, which is ${min}` }] });
  }
  if (follow_provider.length > 0 && group.source_system_id === null) {
    const message = "no provider has this group; there is nothing to follow";
    throw new AppError("VALIDATION_FAILED", { errors: [{ path: "body.follow_provider", message }] });
  }
  const columns: Assignment[] = [];
  if (follow_provider.includes("name")) {
    if (group.fields.name.owner === "ours") columns.push(["name = original_name"]);
  } else if (given.name !== undefined && given.name !== group.name) columns.push(["name = ?", given.name]);
  if (follow_provider.includes("bounds")) {
    if (group.fields.bounds.owner === "ours") columns.push(["bounds_owner = 'provider'"]);
  } else if (min !== group.min || max !== group.max) columns.push(["min_select = ?, max_select = ?, bounds_owner = 'ours'", min, max]);
  return columns;
}

/** The options that change, each with what changes. Throws MODIFIER_UNKNOWN naming those that are not the group's. */
function changedOptions(group: ModifierGroup, options: readonly ChangedOption[]): ChangedOption[] {
  const known = new Map(group.options.map((option) => [option.id, option]));
  const unknown = options.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  if (unknown.length > 0) {
    const detail = `This group has no option ${unknown.join(", ")}.`;
    throw new AppError("MODIFIER_UNKNOWN", { detail, extensions: { option_ids: unknown } });
  }
  return options.flatMap(({ id, name, price, active }) => {
    const now = known.get(id);
    const changed: ChangedOption = { id };
    if (name !== undefined && name !== now?.name) changed.name = name;
    if (price !== undefined && price !== now?.price) changed.price = price;
    if (active !== undefined && active === now?.hidden) changed.active = active;
    return Object.keys(changed).length > 1 ? [changed] : [];
  });
}

const writeOptions = (options: readonly ChangedOption[]): Statement[] =>
  options.length === 0
    ? []
    : [
        statement(
          `UPDATE modifier_options SET name = coalesce(changed.name, modifier_options.name),
             name_owner = iif(changed.name IS NULL, name_owner, 'ours'), price_delta_minor = coalesce(changed.price, price_delta_minor),
             merchant_hidden = coalesce(NOT changed.active, merchant_hidden)
           FROM (SELECT value ->> 'id' AS id, value ->> 'name' AS name, value ->> 'price' AS price, value ->> 'active' AS active
             FROM json_each(?)) AS changed
           WHERE modifier_options.modifier_option_id = changed.id`,
          JSON.stringify(options),
        ),
      ];

/**
 * Changes a group, its options, or adds some. Answers it. One read before, to know whether anything changes. Throws NOT_FOUND, MODIFIER_UNKNOWN,
 * VALIDATION_FAILED.
 */
export async function updateModifierGroup(scope: RequestScope, groupId: string, given: UpdateModifierGroup): Promise<UnitResult> {
  const group = await readGroup(scope.db, groupId, { fresh: true });
  const columns = groupColumns(group, given);
  const options = given.options ?? [];
  const changed = changedOptions(
    group,
    options.flatMap((option) => ("id" in option ? [option] : [])),
  );
  const added = options.flatMap((option) => ("id" in option ? [] : [option]));
  const followed = given.follow_provider ?? [];
  const areOptionsFollowed =
    followed.includes("options") && group.options.some(({ fields, hidden }) => hidden || fields.name.owner === "ours");
  const isChanged = columns.length + changed.length + added.length > 0 || areOptionsFollowed;
  const nowMs = scope.clock.now();
  const steps: UnitStep[] = [
    statement(
      `UPDATE modifier_groups SET ${[...columns.map(([assignment]) => assignment), "updated_at_ms = ?"].join(", ")} WHERE modifier_group_id = ?`,
      ...columns.flatMap(([, ...values]) => values),
      nowMs,
      groupId,
    ),
    ...(areOptionsFollowed ? [followOptions(groupId)] : []),
    ...writeOptions(changed),
    ...addOptions(scope, groupId, added),
    // What was given back is written by the next payload that has the group.
    ...(followed.length > 0
      ? [statement("UPDATE source_entities SET content_hash = '' WHERE canonical_id = ? AND entity_type = 'modifier_group'", groupId)]
      : []),
    raiseRevision(),
    ...groupsUpserted(scope, [groupId], nowMs),
  ];
  return scope.db.write(
    unitOf(scope, { steps: isChanged ? steps : [], answer: { status: 200, select: groupAnswer(groupId) }, wakes: isChanged }),
  );
}

const followOptions = (groupId: string): Statement =>
  statement(
    `UPDATE modifier_options SET name_owner = 'provider', merchant_hidden = 0
     WHERE modifier_group_id = ? AND external_id <> modifier_option_id`,
    groupId,
  );
